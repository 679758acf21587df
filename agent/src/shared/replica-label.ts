import { OWN_LABEL_PREFIX } from '@flotilla/contracts';

/** On every replica's container: the id of its service. */
export const REPLICA_SERVICE_LABEL = `${OWN_LABEL_PREFIX}service`;
