import { parse, type NginxParser } from 'nginx-conf';
import type { Directive } from '../directive.ts';

/** A directive as another parser understands it. */
export interface ReadDirective {
  readonly name: string;
  readonly args: readonly string[];
  readonly children?: readonly ReadDirective[];
}

type Node = NonNullable<Parameters<NonNullable<Parameters<NginxParser['parse']>[1]>>[1]>;

/** The directive tree of an nginx file, read by a parser that is not ours. */
export function readBack(text: string): ReadDirective[] {
  let root: Node | undefined;
  parse(text, (error, tree) => {
    if (error) throw new Error(`the text cannot be read back: ${error.message}`);
    root = tree;
  });
  return (root?.children ?? []).map(toDirective);
}

/** What was meant, without the comments, which say nothing to nginx. */
export function meaningOf(directives: readonly Directive[]): ReadDirective[] {
  return directives.map(({ name, args, children }) =>
    children === undefined ? { name, args } : { name, args, children: meaningOf(children) },
  );
}

function toDirective(node: Node): ReadDirective {
  const directive = { name: splitWords(node.name)[0] ?? '', args: splitWords(node.value) };
  return node.isBlock ? { ...directive, children: (node.children ?? []).map(toDirective) } : directive;
}

/** The parser leaves quotes and escapes in place. */
function splitWords(text: string): string[] {
  const words = text.matchAll(/"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|([^\s"']+)/g);
  return [...words].map(([, double, single, bare]) => {
    const quoted = double ?? single;
    return quoted === undefined ? (bare ?? '') : quoted.replaceAll(/\\([\\"'])/g, '$1');
  });
}
