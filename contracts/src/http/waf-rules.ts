import { z } from 'zod';
import { instant } from '../values/identifiers.ts';
import { rule, ruleSettings } from '../waf/rule.ts';
import { defineRoute } from './route.ts';

const tag = 'firewall';
const params = z.object({ id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'is not the id of a rule') });
/** Rules of the operators' own. */
export const MAX_OWN_RULES = 200;

/** A rule in force, with what it says in words. */
export const ruleView = z.object({
  rule,
  /** In English. */
  sentence: z.string(),
  /** Null for a shipped rule that is as it was shipped. */
  updatedAt: instant.nullable(),
  updatedBy: z.string().nullable(),
});
export type RuleView = z.infer<typeof ruleView>;

export const listRules = defineRoute({
  method: 'get',
  path: '/api/waf/rules',
  access: 'viewer',
  tag,
  summary: 'The rules that ban, shipped ones first',
  status: 200,
  response: z.object({ items: z.array(ruleView) }),
});

export const createRule = defineRoute({
  method: 'post',
  path: '/api/waf/rules',
  access: 'operator',
  tag,
  summary: 'Add a rule of your own; 400 names what is wrong with it, 409 when there are 200',
  body: ruleSettings,
  status: 201,
  response: ruleView,
});

export const updateRule = defineRoute({
  method: 'put',
  path: '/api/waf/rules/:id',
  access: 'operator',
  tag,
  summary: 'Change a rule, shipped or your own; in force within a second',
  params,
  body: ruleSettings,
  status: 200,
  response: ruleView,
});

export const deleteRule = defineRoute({
  method: 'delete',
  path: '/api/waf/rules/:id',
  access: 'operator',
  tag,
  summary: 'Remove a rule of your own, or make a shipped one what it was; its bans stay',
  params,
  status: 204,
});
