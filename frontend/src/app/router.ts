import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router';
import type { useSession } from '../shared/session.store.ts';

declare module 'vue-router' {
  interface RouteMeta {
    /** Shown without a session, outside the shell. */
    isPublic?: boolean;
    needs?: 'admin';
  }
}

const routes: RouteRecordRaw[] = [
  { path: '/', redirect: '/overview' },
  { path: '/sign-in', component: () => import('../features/auth/SignInPage.vue'), meta: { isPublic: true } },
  { path: '/password', component: () => import('../features/auth/ChangePasswordPage.vue'), meta: { isPublic: true } },
  { path: '/overview', component: () => import('../features/metrics/OverviewPage.vue') },
  { path: '/overview/compare', component: () => import('../features/metrics/ComparePage.vue') },
  { path: '/nodes', component: () => import('../features/agents/NodesPage.vue') },
  { path: '/nodes/:id', component: () => import('./NodeView.vue'), props: true },
  { path: '/services', component: () => import('../features/services/ServicesPage.vue') },
  { path: '/services/new', component: () => import('../features/services/ServiceFormPage.vue') },
  { path: '/services/:id', component: () => import('./ServiceView.vue'), props: true },
  { path: '/services/:id/edit', component: () => import('../features/services/ServiceFormPage.vue'), props: true },
  { path: '/services/:id/scaling', component: () => import('../features/scaling/PolicyPage.vue'), props: true },
  { path: '/traffic', component: () => import('../features/traffic/TrafficPage.vue') },
  { path: '/firewall', component: () => import('../features/waf/FirewallPage.vue') },
  { path: '/certificates', component: () => import('../features/certificates/CertificatesPage.vue') },
  { path: '/tasks', component: () => import('../features/tasks/TasksPage.vue') },
  { path: '/pipeline', component: () => import('../features/pipeline/PipelinePage.vue') },
  { path: '/audit', component: () => import('../features/audit/AuditPage.vue') },
  { path: '/users', component: () => import('../features/users/UsersPage.vue'), meta: { needs: 'admin' } },
  { path: '/:path(.*)*', component: () => import('./NotFoundPage.vue') },
];

/** Routes; visitors without a session go to the sign-in and come back, first passwords have to be changed. */
export function createAppRouter(session: ReturnType<typeof useSession>) {
  const router = createRouter({
    history: createWebHistory(),
    routes,
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  });
  router.beforeEach(async (to) => {
    await session.resume();
    if (session.user === null) return to.path === '/sign-in' || { path: '/sign-in', query: { next: to.fullPath } };
    if (session.user.mustChangePassword) return to.path === '/password' || '/password';
    if (to.path === '/sign-in') return '/';
    return to.meta.needs !== 'admin' || session.mayAdminister || '/';
  });
  return router;
}
