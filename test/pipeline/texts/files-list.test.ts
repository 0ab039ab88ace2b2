import { expect, test } from 'vitest'
import { pullRequestText } from '../../../src/pipeline/texts/pull-request-text.ts'
import { atOnce } from '../../../src/time/pieces.ts'
import { NO_TOTALS, onIssue } from '../../runs/start-runs.ts'
import { changed } from '../changed-file.ts'

type Changed = Parameters<typeof changed>[0]

function bodyWith(file: Changed, runUrl?: string): string {
  const text = pullRequestText({
    run: { id: 'run-1', request: onIssue(12) },
    runUrl,
    repository: 'acme/api',
    outcome: {
      kind: 'done',
      title: 'T',
      summary: 'S',
      totals: { turns: 1, toolCalls: 1, models: ['anthropic:m'] },
    },
    whyNoModel: [],
    totals: NO_TOTALS,
    checksBefore: [],
    checksAfter: [],
    gate: { publish: [changed(file)], remarks: [], reasons: [] },
    warnings: [],
    credential: 'app',
  })
  return atOnce(text).body
}

test.for<[string, Changed]>([
  ['- `run.sh` (now executable)', { path: 'run.sh', status: 'modified', mode: '100755', text: '' }],
  ['- `run.sh` (no longer executable)', { path: 'run.sh', status: 'modified', mode: '100644', text: '' }],
  ['- `a.ts` → `b.ts` (renamed)', { path: 'b.ts', previousPath: 'a.ts', status: 'renamed', text: '' }],
  ['- `py.typed` (added, empty)', { path: 'py.typed', text: '' }],
  ['- `run.sh` (added, +1 −0, executable)', { path: 'run.sh', mode: '100755' }],
  ['- `a.ts` (+1 −0)', { path: 'a.ts', status: 'modified', mode: '100755' }],
])('a change is described by what differs: %s', ([line, file]) => {
  const body = bodyWith(file)
  expect(body).toContain(`\n${line}\n`)
  expect(body).not.toContain('+0 −0')
})

test('without an address that readers can open there is no link, and no gap where it would be', () => {
  expect(bodyWith({ path: 'a.ts' })).toMatch(/<sub>Requested by @ada · no model<\/sub>$/)
  expect(bodyWith({ path: 'a.ts' }, 'https://b.example/runs/1')).toContain(
    ' · [the run, step by step](https://b.example/runs/1)</sub>',
  )
})
