import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { findProgram } from '../../src/sandbox/local/probe-local-sandbox.ts'
import { COUNTERS, GAUGES, HISTOGRAMS } from '../../src/telemetry/metric-definitions.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'

const ROOT = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

/** What Grafana needs of a board to load and show it; `${datasource}` is chosen at the import. */
const datasource = z.object({ type: z.literal('prometheus'), uid: z.literal(`\${datasource}`) })
const panel = z.object({
  id: z.int(),
  title: z.string().min(1),
  gridPos: z.object({ x: z.int(), y: z.int(), w: z.int().max(24), h: z.int() }),
})
const drawn = panel.extend({
  type: z.enum(['stat', 'timeseries']),
  description: z.string().min(10),
  datasource,
  targets: z
    .array(
      z.object({
        refId: z.string().regex(/^[A-Z]$/),
        expr: z.string(),
        legendFormat: z.string(),
        datasource,
      }),
    )
    .min(1),
  fieldConfig: z.object({ defaults: z.object({ unit: z.string() }).loose(), overrides: z.array(z.never()) }),
  options: z.object({}).loose(),
})
const row = panel.extend({ type: z.literal('row'), collapsed: z.literal(false), panels: z.array(z.never()) })
const board = z.object({
  uid: z.string().max(40),
  title: z.string(),
  schemaVersion: z.int().min(36),
  refresh: z.string(),
  time: z.object({ from: z.string(), to: z.string() }),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string() }).loose()) }),
  panels: z.array(z.discriminatedUnion('type', [drawn, row])),
})

const { panels, templating } = board.parse(JSON.parse(read('deploy/grafana/backspace.json')))
const expressions = panels.flatMap((each) =>
  each.type === 'row' ? [] : each.targets.map(({ expr }) => expr),
)

const rules = z
  .object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.object({
            alert: z.string(),
            expr: z.string(),
            annotations: z.object({ summary: z.string(), runbook: z.string() }),
          }),
        ),
      }),
    ),
  })
  .parse(parse(read('deploy/prometheus/alerts.yml')))
  .groups.flatMap((group) => group.rules)

/** Names of metrics in an expression: our own and those of the process. */
function metricsIn(expression: string): readonly string[] {
  return expression.match(/\b(?:backspace|process|nodejs)_\w+/g) ?? []
}

/** Every series that a scrape can have, by what the scrape says about itself. */
function seriesOf(scrape: string): ReadonlySet<string> {
  const types = [...scrape.matchAll(/^# TYPE (\S+) (\S+)$/gm)]
  return new Set(
    types.flatMap(([, name = '', type]) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => `${name}${end}`) : [name],
    ),
  )
}

/** What a panel that says more makes superfluous. */
const BESIDE = [
  'backspace_runs_submitted_total',
  'backspace_setup_cache_saved_seconds_total',
  'backspace_context_compactions_total',
  'backspace_webhooks_handled_total',
  'backspace_tool_duration_seconds_bucket',
]

/** The table of docs/observability.md. */
function metricsTable(): string {
  const rows = [
    ...Object.entries(COUNTERS).map(
      ([name, { help, labelNames }]) => [name, 'counter', labelNames, help] as const,
    ),
    ...Object.entries(GAUGES).map(([name, help]) => [name, 'gauge', [], help] as const),
    ...Object.entries(HISTOGRAMS).map(
      ([name, { help, labelNames }]) => [name, 'histogram', labelNames, help] as const,
    ),
  ].map(
    ([name, type, labels, help]) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`,
  )
  return ['| metric | type | labels | what |', '|---|---|---|---|', ...rows].join('\n')
}

test('the table in docs/observability.md is the one of the definitions', () => {
  const [, rest = ''] = read('docs/observability.md').split('<!-- metrics -->\n\n')
  expect(rest.split('\n\n<!-- /metrics -->')[0]).toBe(metricsTable())
})

test('the board and the alerts name only metrics that /metrics has, and the board shows each of our own', async () => {
  const all = Object.fromEntries(Object.keys(GAUGES).map((name) => [name, 1]))
  const exposed = seriesOf(await createMetrics().render(all))
  const onBoard = expressions.map((expression) => metricsIn(expression))
  expect(onBoard.filter((names) => names.length === 0)).toEqual([])
  const used = new Set([...onBoard.flat(), ...rules.flatMap(({ expr }) => metricsIn(expr))])
  expect([...used].filter((name) => !exposed.has(name))).toEqual([])
  const ours = [...exposed].filter((name) => /^backspace_(?!.*_(?:sum|count)$)/.test(name))
  expect(ours.filter((name) => !used.has(name))).toEqual(BESIDE)
})

test('panels of the board have ids of their own, lie side by side, and only known variables', () => {
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
  )
  expect(new Set(cells).size).toBe(cells.length)
  expect(templating.list.map(({ name }) => name)).toEqual(['datasource', 'job'])
  const variables = new Set(expressions.flatMap((text) => text.match(/\$\w+/g) ?? []))
  expect([...variables].sort()).toEqual(['$__interval', '$__rate_interval', '$job'])
})

test('each alert has a runbook in docs/observability.md', () => {
  const docs = read('docs/observability.md')
  for (const { alert, annotations } of rules) {
    expect(annotations.runbook).toMatch(`docs/observability.md#${alert.toLowerCase()}: `)
    expect(docs).toContain(`### ${alert}\n`)
  }
})

const missing = findProgram('promtool', process.env.PATH) === undefined
describe.skipIf(missing)(
  missing ? 'promtool (not installed: apt-get install prometheus)' : 'promtool',
  () => {
    const promtool = (...args: string[]) =>
      execFileSync('promtool', args, { encoding: 'utf8', stdio: 'pipe' })

    test('accepts the alerts, and each fires when it should and is silent otherwise', () => {
      expect(promtool('check', 'rules', join(ROOT, 'deploy/prometheus/alerts.yml'))).toMatch(
        /SUCCESS: \d+ rules/,
      )
      const tests = read('deploy/prometheus/alerts.test.yml')
      for (const { alert } of rules)
        expect(tests).toContain(`alertname: ${alert}\n        exp_alerts:\n          -`)
      expect(promtool('test', 'rules', join(ROOT, 'deploy/prometheus/alerts.test.yml'))).toContain('SUCCESS')
    })

    test('parses every expression of the board', () => {
      const directory = mkdtempSync(join(tmpdir(), 'board-'))
      onTestFinished(() => rmSync(directory, { recursive: true }))
      const asRule = (text: string, index: number) => ({
        record: `board:panel_${index}`,
        expr: text.replaceAll(/\$__(?:rate_)?interval/g, '5m').replaceAll('$job', '.*'),
      })
      const file = join(directory, 'board.yml')
      writeFileSync(file, stringify({ groups: [{ name: 'board', rules: expressions.map(asRule) }] }))
      expect(promtool('check', 'rules', file)).toContain(`SUCCESS: ${expressions.length} rules`)
    })
  },
)
