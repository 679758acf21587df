import {
  allowNetworks,
  banNetworks,
  createRule,
  deleteRule,
  disallowNetwork,
  extendBan,
  importNetworkList,
  liftBan,
  liftBans,
  listAllowedNetworks,
  listAutomaticallyAllowed,
  listBans,
  listRules,
  readGuards,
  readNetworkList,
  saveGuards,
  tryRule,
  updateRule,
} from '@flotilla/contracts';
import {
  listAllowedNetworks as readAllowed,
  listBans as readBans,
  listOwnNetworks,
  readWafGuards,
} from '@flotilla/core-db';
import { handle, type BoundRoute } from '../http/index.ts';
import * as change from './change-bans.ts';
import { changeGuards } from './change-guards.ts';
import { addRule, changeRule, readRules, removeRule } from './change-rules.ts';
import { importList, readList, renderNetworkCsv } from './network-lists.ts';
import { RuleTrials } from './try-rule.ts';
import { formatAllowedNetwork, formatBan } from './format-ban.ts';

export function wafRoutes(deps: change.ChangeBansDeps): BoundRoute[] {
  const { database, now } = deps;
  const trials = new RuleTrials(deps);
  return [
    handle(listBans, async ({ query: { state, ...query } }) => {
      const at = now();
      const { items, total } = await readBans(database, { query, state, now: at });
      const { page, pageSize } = query;
      return { items: items.map((ban) => formatBan(ban, at)), total, page, pageSize };
    }),
    handle(banNetworks, ({ body, user, clientAddress }) => change.banByHand(deps, { user, clientAddress }, body)),
    handle(liftBan, async ({ params, user, clientAddress }) =>
      formatBan(await change.liftBan(deps, { user, clientAddress }, params.id), now()),
    ),
    handle(liftBans, async ({ body, user, clientAddress }) => ({
      lifted: await change.liftManyBans(deps, { user, clientAddress }, body.ruleId),
    })),
    handle(extendBan, async ({ params, body, user, clientAddress }) =>
      formatBan(await change.extendBan(deps, { user, clientAddress }, { id: params.id, ...body }), now()),
    ),
    handle(listAllowedNetworks, async () => ({ items: (await readAllowed(database)).map(formatAllowedNetwork) })),
    handle(allowNetworks, async ({ body, user, clientAddress }) => {
      const { items, lifted } = await change.allowNetworks(deps, { user, clientAddress }, body);
      return { items: items.map(formatAllowedNetwork), lifted };
    }),
    handle(listAutomaticallyAllowed, async () => ({ items: await listOwnNetworks(database) })),
    handle(readNetworkList, async ({ params }) => ({ items: await readList(database, params.list, now()) }), {
      renderText: ({ format }, { items }) =>
        format === 'json'
          ? null
          : {
              contentType: 'text/csv; charset=utf-8; header=present',
              fileName: 'networks.csv',
              text: renderNetworkCsv(items),
            },
    }),
    handle(importNetworkList, ({ params, body, user, clientAddress }) =>
      importList(deps, { user, clientAddress }, { ...params, ...body }),
    ),
    handle(readGuards, () => readWafGuards(database)),
    handle(saveGuards, ({ body, user, clientAddress }) => changeGuards(deps, { user, clientAddress }, body)),
    handle(listRules, async () => ({ items: await readRules(database) })),
    handle(createRule, ({ body, user, clientAddress }) => addRule(deps, { user, clientAddress }, body)),
    handle(tryRule, ({ body }) => trials.run(body.rule, body.hours)),
    handle(updateRule, ({ params, body, user, clientAddress }) =>
      changeRule(deps, { user, clientAddress }, { id: params.id, settings: body }),
    ),
    handle(deleteRule, ({ params, user, clientAddress }) => removeRule(deps, { user, clientAddress }, params.id)),
    handle(disallowNetwork, ({ params, user, clientAddress }) =>
      change.disallowNetwork(deps, { user, clientAddress }, params.id),
    ),
  ];
}
