import { describe, expect, it } from 'vitest';
import { MAX_SERIES_PER_CONTAINER } from './custom-reading.ts';
import { parsePrometheusText } from './parse-prometheus-text.ts';

function read(text: string) {
  const parsed = parsePrometheusText(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.reading;
}

/** The example of Prometheus's own documentation of the format. */
const DOCUMENTED = String.raw`# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9

# Minimalistic line:
metric_without_timestamp_and_labels 12.47

# A weird metric from before the epoch:
something_weird{problem="division by zero"} +Inf -3982045

# A histogram, which has a pretty complex representation in the text format:
# HELP http_request_duration_seconds A histogram of the request duration.
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.05"} 24054
http_request_duration_seconds_bucket{le="+Inf"} 144320
http_request_duration_seconds_sum 53423
http_request_duration_seconds_count 144320

# Finally a summary, which has a complex representation, too:
# TYPE rpc_duration_seconds summary
rpc_duration_seconds{quantile="0.01"} 3102
rpc_duration_seconds{quantile="0.5"} 4773
rpc_duration_seconds_sum 1.7560473e+07
rpc_duration_seconds_count 2693
`;

describe('parsePrometheusText', () => {
  it('reads the documented example', () => {
    expect(read(DOCUMENTED)).toEqual({
      left: 0,
      series: [
        ['http_requests_total{code="200",method="post"}', 1027],
        ['http_requests_total{code="400",method="post"}', 3],
        [
          String.raw`msdos_file_access_time_seconds{error="Cannot find file:\n\"FILE.TXT\"",path="C:\\DIR\\FILE.TXT"}`,
          1.458255915e9,
        ],
        ['metric_without_timestamp_and_labels', 12.47],
        ['http_request_duration_seconds_sum', 53_423],
        ['http_request_duration_seconds_count', 144_320],
        ['rpc_duration_seconds{quantile="0.01"}', 3102],
        ['rpc_duration_seconds{quantile="0.5"}', 4773],
        ['rpc_duration_seconds_sum', 17_560_473],
        ['rpc_duration_seconds_count', 2693],
      ],
    });
  });

  it.each([
    ['', []],
    ['a 1', [['a', 1]]],
    [
      'a\t1\r\nb 2\r\n',
      [
        ['a', 1],
        ['b', 2],
      ],
    ],
    ['  a   -.5e-1  ', [['a', -0.05]]],
    ['a{} 1', [['a', 1]]],
    ['a {b="c"} 1', [['a{b="c"}', 1]]],
    ['a{ b = "c" , d = "e" , } 1', [['a{b="c",d="e"}', 1]]],
    ['a{b="c"}1', [['a{b="c"}', 1]]],
    ['a{b=""} 1', [['a', 1]]],
    ['a{b="}"} 1', [['a{b="}"}', 1]]],
    ['a{b="x,y=\\"z\\""} 1', [[String.raw`a{b="x,y=\"z\""}`, 1]]],
    ['a{b="é"} 1', [[String.raw`a{b="\u00e9"}`, 1]]],
    [':a 1', [['_:a', 1]]],
    ['a NaN\nb +Inf\nc -inf\nd 1', [['d', 1]]],
    ['a 1e999', []],
    [
      '# TYPE a counter\na_total 5 1520879607.789\na_created 1520430000.123\n# EOF',
      [
        ['a_total', 5],
        ['a_created', 1520430000.123],
      ],
    ],
    [
      'a_bucket{le="1"} 8 # {trace_id="x"} 0.67\na_total 17 # {trace_id="x"} 0.67 1.5\nb 1 2 # {} 1',
      [
        ['a_total', 17],
        ['b', 1],
      ],
    ],
    ['coal_bucket 7', [['coal_bucket', 7]]],
  ])('reads %j', (text, series) => expect(read(text)).toEqual({ series, left: 0 }));

  it.each([
    'a',
    'a b',
    '1a 1',
    'a-b 1',
    'a 0x1p-2',
    'a 1_000',
    `a ${'1'.repeat(100)}`,
    'a 1 yesterday',
    'a 1 2 3',
    'a{b} 1',
    'a{b=c} 1',
    'a{b="c} 1',
    'a{b="c" 1',
    'a{b="c"',
    'a{b="c"} ',
    'a{b="c" d="e"} 1',
    'a{,} 1',
    'a{b="c",b="d"} 1',
    'a{b="c\\"} 1',
    'a{"b"="c"} 1',
    `a{b="${'c'.repeat(5000)}"} 1`,
    `a{b="${'c'.repeat(200)}"} 1`,
    'good 2',
  ])('costs %j only itself', (line) => {
    expect(read(`good 1\n${line}\nalso 3\n`)).toEqual({
      series: [
        ['good', 1],
        ['also', 3],
      ],
      left: 1,
    });
  });

  it('refuses what is something else', () => {
    const html = '<!doctype html>\n\n# not a comment\n<p>404</p>\n';
    expect(parsePrometheusText(html)).toEqual({ ok: false, reason: 'no line is of Prometheus’s text format' });
  });

  it('keeps the first series of very many, and counts the others', () => {
    const lines = Array.from({ length: 4000 }, (_, index) => `n{i="${index}"} ${index}`);
    const { series, left } = read(lines.join('\n'));
    expect(series).toHaveLength(MAX_SERIES_PER_CONTAINER);
    expect(series.at(-1)).toEqual(['n{i="499"}', 499]);
    expect(left).toBe(4000 - MAX_SERIES_PER_CONTAINER);
  });

  it('does not look at more when thousands of lines are left out', () => {
    expect(read(`good 1\n${'bad\n'.repeat(100_000)}`)).toEqual({ series: [['good', 1]], left: 5000 });
  });
});
