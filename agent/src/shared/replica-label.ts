import { OWN_LABEL_PREFIX } from '@flotilla/contracts';

/** On every replica's container: the id of its service. */
export const REPLICA_SERVICE_LABEL = `${OWN_LABEL_PREFIX}service`;

/** The id of the agent that made it: several may share one Docker, and each minds its own. */
export const REPLICA_AGENT_LABEL = `${OWN_LABEL_PREFIX}agent`;

/** The hash of what it was made of. */
export const REPLICA_SPECIFICATION_LABEL = `${OWN_LABEL_PREFIX}specification`;
