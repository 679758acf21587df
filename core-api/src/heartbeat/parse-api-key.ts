/** `flk_<agent id without dashes>_<secret>`: the id says whose hash to compare with. */
const API_KEY = /^flk_([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;

/** The agent that a key claims to be of; null for anything that is no API key. */
export function parseApiKey(key: string): string | null {
  const parts = API_KEY.exec(key);
  return parts === null ? null : parts.slice(1).join('-');
}
