import { parseUnknownVariable, type NginxComplaint } from './parse-nginx-output.ts';
import type { WrittenSite } from './write-site.ts';

/** The sites that nginx's words are about; none when the words do not tell. */
export function chooseCulprits(complaint: NginxComplaint, sites: readonly WrittenSite[]): WrittenSite[] {
  const { file, words } = complaint;
  if (file !== null) return sites.filter(({ sharedFiles }) => sharedFiles.some((own) => file.endsWith(`/${own}`)));
  const variable = parseUnknownVariable(words);
  if (variable !== null) return sites.filter(({ text }) => mentionsVariable(text, variable));
  // Certificates are named in the words themselves: cannot load certificate "/…/certificates/….pem": …
  return sites.filter(({ sharedFiles }) => sharedFiles.some((own) => words.includes(`/${own}"`)));
}

/** @param variable letters, digits and `_` only */
function mentionsVariable(text: string, variable: string): boolean {
  const mention = new RegExp(`\\$(?:${variable}(?![A-Za-z0-9_])|\\{${variable}\\})`);
  return text.split('\n').some((line) => !line.trimStart().startsWith('#') && mention.test(line));
}
