import type { Role } from '@flotilla/contracts';

/** The signed-in user of a request, as the database has it now. */
export interface RequestUser {
  readonly id: string;
  readonly email: string;
  readonly role: Role;
  readonly mustChangePassword: boolean;
  /** The refresh family that the access token belongs to. */
  readonly sessionId: string;
}

/** The agent whose API key came with a request. */
export interface RequestAgent {
  readonly id: string;
  readonly name: string;
}
