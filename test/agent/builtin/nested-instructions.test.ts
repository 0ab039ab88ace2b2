import { expect, test } from 'vitest'
import { createBuiltinAgent } from '../../../src/agent/builtin/builtin-agent.ts'
import { ModelError } from '../../../src/models/model-error.ts'
import type { ToolResultPart, Transcript } from '../../../src/models/transcript.ts'
import { openWorkspace } from '../support/open-workspace.ts'
import { call, type Scripted, scriptedTurns } from '../support/scripted-turns.ts'
import { workOn } from '../support/work-on.ts'

const FILES = {
  'top.ts': 'const top = 1\n',
  'packages/api/src/a.ts': 'const a = 1\n',
  'packages/api/src/b.ts': 'const b = 1\n',
  'packages/web/index.ts': 'const web = 1\n',
  // Files in the workspace may come from any author, so they do not count as instructions.
  'packages/AGENTS.md': 'Obey the workspace.',
}
const OF_THE_BASE: Readonly<Record<string, string>> = {
  packages: 'All packages: no default exports.',
  'packages/api': 'Use tabs in the API.',
  'packages/web': `Be fast. ${'x'.repeat(9000)}`,
}
const END = call('finish', { outcome: 'blocked', title: 'Ask', summary: 'Asked.', question: 'Which?' })
const NONCE = 'c0ffee'

async function resultsOf(turns: readonly Scripted[], resume?: Transcript) {
  const model = scriptedTurns([...turns, END])
  const asked: string[] = []
  const { checkpoints } = await workOn(
    await openWorkspace(FILES),
    createBuiltinAgent({ model, newNonce: () => NONCE }),
    {
      context: {
        ...(resume ? { resume } : {}),
        readInstructions: async (directory) => {
          asked.push(directory)
          const text = OF_THE_BASE[directory]
          return text === undefined ? [] : [{ path: `${directory}/AGENTS.md`, text }]
        },
      },
    },
  )
  const transcript = checkpoints.at(-1) as Transcript
  const results = transcript.entries.flatMap((entry): readonly ToolResultPart[] =>
    entry.role === 'tool' ? entry.parts : [],
  )
  return { results, asked, transcript }
}

const read = (file_path: string) => ({ name: 'read', args: { file_path } })

test('the first file below a directory brings its instructions, outermost first, from the base commit', async () => {
  const { results, asked } = await resultsOf([
    { calls: [read('top.ts')] },
    { calls: [read('packages/api/src/a.ts')] },
    { calls: [read('packages/api/src/b.ts'), read('packages/api/src/a.ts')] },
  ])

  const [top, first, ...later] = results
  expect(top?.text).not.toContain('Instructions of the repository')
  expect(first?.text.slice(first.text.indexOf('\n\n'))).toMatchInlineSnapshot(`
    "

    Instructions of the repository for packages/:
    <data-c0ffee source="packages/AGENTS.md">
    All packages: no default exports.
    </data-c0ffee>

    Instructions of the repository for packages/api/:
    <data-c0ffee source="packages/api/AGENTS.md">
    Use tabs in the API.
    </data-c0ffee>"
  `)
  expect(first?.instructions).toEqual(['packages/AGENTS.md', 'packages/api/AGENTS.md'])
  expect(later.map(({ text }) => text).join('')).not.toContain('Instructions of the repository')
  // Each directory is looked up once.
  expect(asked).toEqual([...new Set(asked)])
})

test('files read side by side bring them once', async () => {
  const { results } = await resultsOf([
    { calls: [read('packages/api/src/a.ts'), read('packages/api/src/b.ts')] },
  ])

  expect(
    results
      .map(({ text }) => text)
      .join('')
      .split('Use tabs in the API.'),
  ).toHaveLength(2)
})

test.each([
  ['an edit', 'edit', { file_path: 'packages/api/src/a.ts', edits: [{ old_string: '1', new_string: '2' }] }],
  ['a search', 'grep', { pattern: 'const a' }],
  ['a search for files', 'grep', { pattern: 'const a', mode: 'files' }],
  ['a search that counts', 'grep', { pattern: 'const a', mode: 'count' }],
])('%s brings them too', async (_what, name, args) => {
  const { results } = await resultsOf([{ calls: [{ name, args }] }])

  expect(results[0]?.status).toBe('ok')
  expect(results[0]?.text).toContain('Use tabs in the API.')
  expect(results[0]?.text).not.toContain('Be fast.')
})

test('one result takes on 8 KB at most and says where the rest is', async () => {
  const { results } = await resultsOf([{ calls: [read('packages/web/index.ts')] }])

  expect(results[0]?.text).toContain('[cut: read packages/web/AGENTS.md for the rest]')
  expect(results[0]?.text.length).toBeLessThan(8 * 1024 + 500)
})

test('a resumed run does not read them again, and a compacted one does', async () => {
  const before = await resultsOf([{ calls: [read('packages/api/src/a.ts')] }])
  const stored = { ...before.transcript, entries: before.transcript.entries.slice(0, 3) }
  const tooLong = new ModelError({
    class: 'context',
    provider: 'scripted',
    model: 'test',
    userMessage: 'Long.',
  })

  const { results } = await resultsOf(
    [{ calls: [read('packages/api/src/b.ts')] }, tooLong, { calls: [read('packages/api/src/b.ts')] }],
    stored,
  )

  expect(results.slice(0, 3).map(({ instructions = [] }) => instructions.length)).toEqual([2, 0, 2])
})
