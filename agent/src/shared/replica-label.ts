import { OWN_LABEL_PREFIX } from '@flotilla/contracts';

/** On every replica's container: the id of its service. */
export const REPLICA_SERVICE_LABEL = `${OWN_LABEL_PREFIX}service`;

/** The hash of what it was made of. */
export const REPLICA_SPECIFICATION_LABEL = `${OWN_LABEL_PREFIX}specification`;
