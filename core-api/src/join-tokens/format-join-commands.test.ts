import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { formatJoinCommands } from './format-join-commands.ts';

describe('formatJoinCommands', () => {
  it('says where the Core is and with what to join', () => {
    expect(formatJoinCommands('http://core:8080', 'flj_abc', null)).toEqual({
      docker:
        'docker run -d --name flotilla-agent --restart unless-stopped --network host -v /:/host:ro ' +
        '-v /var/run/docker.sock:/var/run/docker.sock -v flotilla-agent:/var/lib/flotilla-agent ' +
        '-e FLOTILLA_CORE_URL=http://core:8080 -e FLOTILLA_JOIN_TOKEN=flj_abc flotilla-agent',
      bareHost:
        'curl -fsSL http://core:8080/agent/flotilla-agent.mjs -o flotilla-agent.mjs && ' +
        'sudo MALLOC_ARENA_MAX=1 FLOTILLA_CORE_URL=http://core:8080 FLOTILLA_JOIN_TOKEN=flj_abc ' +
        'node --max-semi-space-size=1 --no-opt --no-maglev --no-sparkplug --bytecode-old-age=1 --no-incremental-marking ' +
        '--expose-gc flotilla-agent.mjs',
    });
  });

  it.each(['web 1', "it's", '$(touch /tmp/x); `id`', 'a"b\\c', 'имя', '-n', '&&'])(
    'gives a shell the name %s as it is',
    (name) => {
      const { docker } = formatJoinCommands('http://core', 'flj_abc', name);
      const shown = execFileSync('sh', ['-c', `docker() { printf '%s\\n' "$@"; }; ${docker}`], { encoding: 'utf8' });
      expect(shown.split('\n')).toContain(`FLOTILLA_AGENT_NAME=${name}`);
      expect(shown.trim().split('\n').at(-1)).toBe('flotilla-agent');
    },
  );
});
