import { expect, onTestFinished, test } from 'vitest'
import { auditSentence } from '../../src/audit/audit-sentence.ts'
import { readStory } from '../../src/audit/read-story.ts'
import { verifyChain } from '../../src/audit/verify-chain.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import type { Json } from '../stand-ins/models/script.ts'
import { createGreeter, eventually, FIX_GREETER, startWorld, type World } from '../support/start-world.ts'

const PLAN = 'Let `src/greet.js` fall back to `stranger`.'
const MAKE_PLAN = [
  {
    reasoning: 'Let me look.',
    calls: [{ name: 'read', args: { file_path: 'src/greet.js' } }],
  },
  {
    reasoning: 'That is simple.',
    calls: [{ name: 'finish', args: { outcome: 'done', title: 'Greet strangers', summary: PLAN } }],
  },
]

function toolNames(request: Json): readonly string[] {
  return request.tools.map(({ name }: Json) => name)
}

test('a plan is posted, changes nothing, and is carried out once when a person with write access approves it', async () => {
  const world = await startWorld({ anthropic: [...MAKE_PLAN, ...FIX_GREETER] })
  const { github, anthropic } = world
  const repo = await createGreeter(github)
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  const say = (author: string, body: string) => github.comment({ repo, number, author, body })
  const posted = (text: RegExp) =>
    github.waitFor(() => github.comments(repo, number).find(({ body }) => text.test(body)))

  await say('ada', '/backspace --plan greet strangers')
  expect((await world.frames()).at(-1)).toMatchObject({
    type: 'success',
    message: PLAN,
    extra_data: { outcome: 'plan', pr_url: null },
  })
  const { body } = await posted(/📝 A plan/)
  expect(body).toContain(PLAN)
  expect(body).toContain('/backspace approve')
  expect(Object.keys(await github.branches(repo))).toEqual(['main'])
  const planning = anthropic?.turns() ?? []
  expect(planning.map(toolNames)).toEqual([
    ['finish', 'glob', 'grep', 'plan', 'read'],
    ['finish', 'glob', 'grep', 'plan', 'read'],
  ])
  expect(JSON.stringify(planning[0])).toContain('makes a plan and changes nothing')

  await say('eve', '/backspace approve')
  await posted(/@eve, starting Backspace needs write access/)
  await Promise.all([
    say('ada', '/backspace approve but keep the punctuation'),
    say('root', '/backspace approve but keep the punctuation'),
  ])
  await posted(/This plan was already approved/)
  await eventually(world.runs, ({ length }) => length === 2)
  expect((await world.frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'pull_request' } })

  const first = anthropic?.turns()[2]
  expect(toolNames(first)).toContain('edit')
  expect(first.system).toEqual(planning[0].system)
  const asked = JSON.stringify(first.messages)
  expect(asked).toContain('greet strangers\\n\\nThe plan for this is approved')
  expect(asked).toContain('but keep the punctuation')
  expect(asked).toContain('toolu_')
  expect(anthropic?.rejections).toEqual([])
  const [run] = await world.runs()
  expect(await world.runs()).toHaveLength(2)
  expect(github.pullRequests(repo)).toHaveLength(1)

  await world.backspace.stop(0)
  expect(github.tokens().filter(({ revokedAt }) => revokedAt === undefined)).toEqual([])
  await expectAudited(world.database, run?.id ?? '')
})

/** The audit log is whole, and tells who asked, what was decided, and what was done. */
async function expectAudited(place: World['database'], runId: string): Promise<void> {
  const db = await openDatabase(place)
  onTestFinished(() => db.close())
  expect(await verifyChain(db)).toMatchObject({ waiting: 0, problem: undefined })
  const kinds = await db.sql.selectFrom('audit_log').select(['kind', 'actor']).execute()
  expect(kinds).toContainEqual({ kind: 'request.refused', actor: expect.stringMatching(/^person:\d+:eve$/) })
  expect(kinds.filter(({ kind }) => kind === 'service.started')).toHaveLength(1)
  const { entries } = await readStory(db, runId.slice(0, 8))
  expect(
    entries
      .map(({ kind }) => kind)
      .filter((kind, index, all) => all.indexOf(kind) === index)
      .sort(),
  ).toEqual([
    'change.published',
    'gate.passed',
    'instructions.used',
    'plan.approved',
    'request.authorised',
    'request.repeated',
    'run.ended',
    'run.requested',
    'run.started',
    'sandbox.opened',
    'token.minted',
    'token.revoked',
  ])
  const story = entries.map(auditSentence)
  expect(story[0]).toMatch(/^@(ada|root) \(\d+\) asked in acme\/greeter#1 \(comment with approve\) and may: /)
  expect(story.filter((line) => line.startsWith('A write token for acme/greeter'))).toEqual([
    expect.stringContaining('contents: write'),
  ])
  expect(story.join('\n')).toMatch(/1 file published with the App as [0-9a-f]{7} on acme:backspace\/1-/)
  // The last tokens are revoked while the run ends.
  const others = story.filter((line) => !/ tokens? for .* (?:was|were) revoked/.test(line))
  expect(others.at(-1)).toBe('The run ended: succeeded (pull_request).')
  expect(JSON.stringify(entries)).not.toContain('greet strangers')
}
