import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isOpenToAll } from './is-open-to-all.mjs';

/**
 * Writes the configuration of the Core's nginx into a prefix of its own.
 * @param {{ root: string, dir: string, logsDir: string, port: number, apiPort: number, busPort: number, dashboardDir: string,
 *   agentBundleDir: string }} options
 * @returns {string} the file
 */
export function writeEdgeConfiguration(options) {
  const { root, dir } = options;
  mkdirSync(join(dir, 'temp'), { recursive: true });
  const template = readFileSync(join(root, 'nginx', 'core.conf.template'), 'utf8');
  const file = join(dir, 'nginx.conf');
  const user = chooseUser(options.dashboardDir);
  // Where the kernel has no IPv6, nginx would not start with such a line.
  const listenIpv6 = existsSync('/proc/net/if_inet6') ? `listen [::]:${options.port};` : '';
  writeFileSync(file, renderTemplate(template, { ...options, user, listenIpv6 }));
  return file;
}

/** Workers give up root's rights where the dashboard's files can be read without them (not below /root). */
function chooseUser(dashboardDir) {
  if (process.getuid() !== 0) return '';
  return isOpenToAll(dashboardDir) ? 'user nobody nogroup;' : 'user root;';
}

/** Fills `{{name}}` places; paths are quoted by the template. Throws for a name without a value. */
function renderTemplate(template, values) {
  return template.replace(/\{\{([A-Za-z\d]+)\}\}/g, (_, name) => {
    const value = values[name];
    if (value === undefined) throw new Error(`nginx/core.conf.template asks for an unknown {{${name}}}`);
    if (/["\\\n$]/.test(String(value)))
      throw new Error(`${value} cannot stand in nginx's configuration; move the folder`);
    return String(value);
  });
}
