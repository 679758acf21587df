import { changePassword, login, logout, type CurrentUser, type Role, type Session } from '@flotilla/contracts';
import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import { useApi } from './api-client.ts';

const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };
const RETRY_MS = 2000;

/** Who is signed in. The access token itself stays inside the API client. */
export const useSession = defineStore('session', () => {
  const api = useApi();
  const user = ref<CurrentUser | null>(null);
  /** True once a session that the user was working in has ended: the page below the sign-in keeps its forms. */
  const hasEnded = ref(false);

  /** Why it is not known yet who the visitor is. */
  const startFailure = shallowRef<unknown>(null);
  let resuming: Promise<void> | null = null;

  function accept(session: Session): void {
    api.setAccessToken(session.accessToken);
    user.value = session.user;
    hasEnded.value = false;
  }

  async function resumeWhenReachable(): Promise<void> {
    for (;;) {
      try {
        const session = await api.renewSession();
        if (session !== null) accept(session);
        startFailure.value = null;
        return;
      } catch (error) {
        startFailure.value = error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  return {
    user,
    hasEnded,
    mayOperate: computed(() => user.value !== null && RANK[user.value.role] >= RANK.operator),
    mayAdminister: computed(() => user.value?.role === 'admin'),
    accept,

    /** @throws ApiProblem 401 when e-mail or password is wrong, 429 after too many failures */
    async signIn(email: string, password: string): Promise<void> {
      accept(await api.call(login, { body: { email, password } }));
    },

    startFailure,

    /** Continues the session of the refresh cookie, when there is one; waits for a Core that does not answer yet. */
    resume(): Promise<void> {
      resuming ??= resumeWhenReachable();
      return resuming;
    },

    async signOut(): Promise<void> {
      await api.call(logout, {});
      api.setAccessToken(null);
      user.value = null;
      hasEnded.value = false;
    },

    /** @throws ApiProblem that names the field */
    async setPassword(currentPassword: string, newPassword: string): Promise<void> {
      await api.call(changePassword, { body: { currentPassword, newPassword } });
      if (user.value) user.value = { ...user.value, mustChangePassword: false };
    },

    /** Asks for the password again without leaving the page. */
    end(): void {
      hasEnded.value = user.value !== null;
    },
  };
});
