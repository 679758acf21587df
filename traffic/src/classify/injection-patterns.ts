/**
 * What injections look like, once decoded and in lower case. Each runs in linear time: no quantifier within another, and every
 * repetition of what may match much is bounded. Tested with what is meant and with what only looks like it.
 */

/** In the query and in headers; in the path any `..` is enough. */
export const TRAVERSAL = [
  /(?:\.\.[\\/]){2}/,
  /(?:^|[=:,;])\.\.[\\/]\w{1,40}/,
  /[\\/]etc[\\/](?:passwd|shadow|group|hosts)\b/,
  /[\\/]proc[\\/](?:self|\d{1,7})[\\/]/,
  /\b(?:win|boot)\.ini\b/,
  /\b(?:php|expect|phar|zip):\/\//,
  /\bfile:\/{2,3}\w/,
] as const;

export const SQL = [
  /\bunion[ (]{1,4}(?:all[ (]{1,4}|distinct[ (]{1,4})?select\b/,
  /\b(?:information_schema|sysobjects|pg_catalog|sqlite_master|mysql\.user|@@version)\b/,
  /@@(?:version|datadir|hostname)\b/,
  /['"`)] ?(?:or|and|xor|\|\||&&) ?[ ('"]{0,3}(?:not )?[\w.-]{1,30}['")]{0,3} ?(?:=|<|>|!=|like|rlike|is |in ?\(|between )/,
  /['"`)] ?(?:or|and) ['"(]{0,2}['"]? ?(?:=|like)/,
  /\b(?:or|and) \(?\d{1,10} ?[=<>] ?\(?\d{1,10}\b/,
  /; ?(?:drop|alter|truncate|create) (?:table|database|schema|user|view)\b/,
  /; ?(?:delete from|insert into|update \w{1,40} set|exec(?:ute)? |declare @|shutdown\b|waitfor )/,
  /\b(?:pg_sleep|sleep|benchmark|extractvalue|updatexml|load_file|randomblob|group_concat|utl_inaddr\.\w{1,30}|dbms_pipe\.\w{1,30}) ?\( ?["'\d(@a-z]/,
  /\bwaitfor delay\b/,
  /\bxp_cmdshell\b/,
  /\binto (?:out|dump)file\b/,
  /['"`)] ?(?:--|#|;)(?: |$|-|\+)/,
  /['"`)]? (?:order|group) by \d{1,3} ?(?:--|#)/,
  /\bselect\b.{1,80}\bfrom\b.{1,40}(?:\bwhere\b|--|#|\()/,
  /\b(?:concat|char|chr|ascii|substring|substr|mid) ?\( ?(?:0x|\d{2,3},|select|char|chr)/,
] as const;

export const XSS = [
  // But not where somebody looks for words about it: `what is <script> for`.
  /< ?\/?(?:script|iframe|svg|object|embed|math|marquee|applet|frameset)\b(?! ?>(?: [a-z\d?.,]{1,20}){1,12}$)/,
  /<[a-z][a-z0-9]{0,15}[ /][^<>]{0,300}\bon[a-z]{3,20} ?=/,
  /\bjavascript ?: ?[a-z(/%"'[]/,
  /\bvbscript ?:/,
  /["'> /]on(?:error|load|mouseover|mouseenter|focus|blur|click|toggle|pointerenter|animationstart|beforeprint) ?= ?["'`a-z(]/,
  /\bdocument ?\. ?(?:cookie|write|location|domain)\b/,
  /\b(?:alert|prompt|confirm) ?(?:\(|`)/,
  /\bsrc ?= ?["']?(?:data|javascript) ?:/,
  /\bstring\.fromcharcode ?\(/,
  /\bdata:text\/html/,
] as const;

const COMMANDS =
  'cat|ls|id|whoami|uname|wget|curl|nc|ncat|netcat|bash|sh|zsh|python3?|perl|php|ruby|ping|nslookup|dig|sleep|rm|chmod|echo|env|printenv|ifconfig|ipconfig|netstat|ps|pwd|tftp|busybox|cmd|powershell|certutil';

export const SHELL = [
  // Behind `;`, `|`, `&&`, a newline or a back-tick; as a parameter's name it would be followed by `=`.
  new RegExp(String.raw`(?:[;|\x60]|&&|\|\|) ?(?:/(?:usr/)?s?bin/)?(?:${COMMANDS})(?:\.exe)?(?: |$|;|\||\x60|&|>|\$)`),
  new RegExp(String.raw`\$\( ?(?:/(?:usr/)?s?bin/)?(?:${COMMANDS})\b`),
  /\$\{?ifs\b/,
  // Not below something: `/guide/bin/sh` is a page. What leads there by `..` is a traversal.
  /(?:^|[^\w./-])\/(?:usr\/)?(?:local\/)?s?bin\/(?:ba|z|da|k)?sh\b/,
  /\(\) ?\{ ?:? ?;? ?\} ?;/,
  /\b(?:cmd(?:\.exe)?|command\.com) ?\/c\b/,
  /\bpowershell(?:\.exe)? -/,
  /\b(?:wget|curl) (?:-\w{1,5} )?https?:\/\//,
  /\b(?:allow_url_include|auto_prepend_file)\b/,
  /\bcall_user_func(?:_array)?\b/,
  /\b(?:system|exec|passthru|shell_exec|popen|proc_open|eval|assert) ?\( ?["'$\\]/,
] as const;

export const TEMPLATE = [
  /\$\{ ?(?:jndi|env|sys|lower|upper|java|ctx|date|main|script|base64|::-)/,
  /\$\{[^{}]{0,60}(?:\d ?\* ?\d|\bt ?\(|\bnew |\bclass\b|runtime)/,
  /\{\{[^{}]{0,100}(?:\d ?\* ?['"]?\d|\bconfig\b|\bself\b|\brequest\b|\bclass\b|constructor|__|lipsum|cycler|system|exec|popen)[^{}]{0,100}\}\}/,
  /<%=? ?[^%]{1,100}%>/,
  /#\{[^{}]{0,60}(?:\d ?\* ?\d|exec|system|\bt ?\()/,
  /\*\{[^{}]{0,60}\bt ?\(/,
  /%\{ ?[(#]/,
  /\bclass\.module\.classloader\b/,
] as const;
