/**
 * The door between pages and nginx: the HTML with a content's hash, checked against it; null when this host does not have it.
 */
export type ReadErrorPage = (hash: string) => Promise<string | null>;
