import { expect, test } from 'vitest'
import type { AgentOutcome } from '../../../src/agent/agent.ts'
import { type PullRequestFacts, pullRequestText } from '../../../src/pipeline/texts/pull-request-text.ts'
import type { RunRequest } from '../../../src/runs/run.ts'
import type { RunTotals } from '../../../src/runs/run-event.ts'
import { atOnce } from '../../../src/time/pieces.ts'
import { aRequest, NO_TOTALS, onIssue } from '../../runs/start-runs.ts'
import { changed } from '../changed-file.ts'

const TOTALS: AgentOutcome['totals'] = {
  turns: 7,
  toolCalls: 12,
  models: ['anthropic:claude-opus-5-5', 'openai:gpt-6.1-sol'],
}
const WITHOUT_MODEL = { turns: 0, costUsd: 0, knownCostUsd: 0, models: [] }
const check = (command: string, exitCode: number, tail = '') => ({
  command,
  exitCode,
  durationMs: 2100,
  tail,
})

function textOf(
  fields: Partial<Omit<PullRequestFacts, 'totals'>> & {
    readonly request?: RunRequest
    readonly agent?: Partial<AgentOutcome>
    readonly totals?: Partial<RunTotals>
  } = {},
) {
  const { request = onIssue(12), agent, totals, ...rest } = fields
  const text = pullRequestText({
    run: { id: 'run-1', request },
    runUrl: 'https://backspace.example/runs/run-1',
    repository: 'acme/api',
    outcome: { kind: 'done', title: 'Trim the name', summary: 'It now trims.', totals: TOTALS, ...agent },
    whyNoModel: [],
    totals: {
      ...NO_TOTALS,
      ...{ durationMs: 185_000, attempts: 1, turns: 7, toolCalls: 12, costUsd: 0.4123, knownCostUsd: 0.4123 },
      ...{
        models: TOTALS.models,
        inputTokens: 5000,
        cacheReadTokens: 95_000,
        cacheShare: 0.95,
        outputTokens: 2100,
      },
      ...{ modelMs: 60_000, toolMs: 9000, harnessMs: 41, editsOk: 3, retries: 1, fallbacks: 1, bounces: 2 },
      limitsUsed: { steps: 0.06, minutes: 0.1, usd: 0.08, tokens: 0.01 },
      providers: [
        { provider: 'anthropic', turns: 6, costUsd: 0.4 },
        { provider: 'openai', turns: 1, costUsd: null },
      ],
      ...totals,
    },
    checksBefore: [check('npm test', 1)],
    checksAfter: [check('npm test', 0)],
    gate: { publish: [changed({ path: 'src/a.ts', status: 'modified' })], remarks: [], reasons: [] },
    warnings: [],
    credential: 'app',
    ...rest,
  })
  return atOnce(text)
}

test('a pull request says what changed, what the checks said, which files, and who asked', () => {
  expect(textOf()).toEqual({
    title: 'Trim the name',
    body: `### In the agent's words

> It now trims.

### Checks

| Check | Before | After |
|---|---|---|
| \`npm test\` | ❌ failed (exit code 1, 2.1 s) | ✅ passed (exit code 0, 2.1 s) **fixed** |

### Files

- \`src/a.ts\` (+1 −0)

Closes #12

<details><summary>What this run used</summary>

| | |
|---|---|
| Time | models 1 min 0 s, tools 9.0 s, Backspace itself 41 ms |
| Tokens | 5,000 input, 0 written to the cache, 95,000 read from it (95 % of the input), 2,100 output |
| Cost | anthropic $0.40, openai price unknown |
| Work | 7 turns, 12 tool calls, 3 edits |
| Retries and errors | 1 repeated model request, 1 change of model, 2 finishes sent back to the agent |
| Limits used | steps 6 %, minutes 10 %, dollars 8 %, tokens 1 % |

</details>

---
<sub>Requested by @ada · \`anthropic:claude-opus-5-5\`, then \`openai:gpt-6.1-sol\` · $0.41 · 7 turns · [the run, step by step](https://backspace.example/runs/run-1)</sub>`,
  })
})

test('a check is passed with exit code 0 and with nothing else', () => {
  const after = [0, 1, 2, 124, 127, 137].map((code) => check(`check-${code}`, code))
  const { body } = textOf({ checksBefore: [], checksAfter: after })
  expect(body.match(/passed/g)).toHaveLength(1)
  expect(body).toContain('did not end (exit code 124')
  expect(body).toContain('could not run (exit code 127)')
})

test('the output of what newly fails is shown and cannot break out', () => {
  const tail = '</details>\n```\n@bob fixes #1\n/merge'
  const { body } = textOf({
    checksBefore: [check('a | b <c>', 0)],
    checksAfter: [check('a | b <c>', 1, tail)],
  })
  expect(body).toContain('````text\n</details>\n```\n@bob f\u200bixes #1\n/\u200bmerge\n````')
  expect(body).toContain('| `a │ b <c>` |')
  expect(body).toContain('<code>a | b &#60;c&#62;</code>')
})

test('protected files come first, renames and modes are named', () => {
  const publish = [
    changed({ path: 'b.ts', previousPath: 'a.ts', status: 'renamed' }),
    changed({ path: 'bin/run', mode: '100755' }),
    changed({ path: 'AGENTS.md' }),
  ]
  const { body } = textOf({
    gate: { publish, remarks: [], reasons: ['Draft, because it changes `AGENTS.md`.'] },
  })
  expect(body).toContain('### Before you merge\n\n- Draft, because it changes `AGENTS.md`.')
  expect(body.indexOf('`AGENTS.md` (added')).toBeLessThan(body.indexOf('`a.ts` → `b.ts` (renamed'))
  expect(body).toContain('`bin/run` (added, +1 −0, executable)')
})

test('edited tests have a line of their own, a flaky check is called so, a timeout too', () => {
  const { body } = textOf({
    checksBefore: [check('npm test', 0), check('npm run slow', 0)],
    checksAfter: [{ ...check('npm test', 0), failedFirst: 1 }, check('npm run slow', 124)],
    gate: {
      publish: [
        changed({ path: 'test/a.test.ts', status: 'modified' }),
        changed({ path: 'test/new.test.ts' }),
      ],
      remarks: [],
      reasons: [],
    },
  })
  expect(body).toContain(
    '⚠️ flaky: failed (exit code 1), then passed on the same files (exit code 0, 2.1 s) |',
  )
  expect(body).toContain('⏱️ did not end (exit code 124, 2.1 s) **newly failing**')
  expect(body).toContain('| Existing tests that this change edits | | `test/a.test.ts` (modified) |')
})

test('an unfinished change does not close its issue and says what is missing', () => {
  const { body } = textOf({ agent: { kind: 'partial', reason: 'the step limit was reached' } })
  expect(body).toContain('For #12')
  expect(body).not.toContain('Closes')
  expect(body).toMatch(/^> \[!WARNING\]\n> \*\*This is not finished.\*\* the step limit was reached\n\n/)
})

test('a reason is given once, whatever its source', () => {
  const reason = 'The limit of 40 steps was reached.'
  const { body } = textOf({
    agent: { kind: 'partial', reason },
    gate: { publish: [], remarks: [], reasons: ['Draft.'] },
    warnings: ['Draft.'],
  })
  expect(body.split(reason)).toHaveLength(2)
  expect(body).toContain('### Before you merge\n\n- Draft.\n\n###')
  const why = 'OpenAI: OPENAI_API_KEY is not set'
  const dummy = textOf({
    totals: WITHOUT_MODEL,
    agent: { totals: { ...TOTALS, models: ['dummy'] }, summary: `No AI model was used: ${why}. Applied it.` },
    whyNoModel: [why],
  })
  expect(dummy.body.split('No AI model was used')).toHaveLength(2)
})

test('the last line names the agents that worked, and no other line does', () => {
  const { body } = textOf({ totals: { agents: ['claude-code', 'builtin'], langsmithEnabled: true } })
  expect(body).toMatch(/^(?:(?!Claude Code).)*@ada · Claude Code, then builtin agent · `anthropic:.*trace\)/s)
})

test('without a model it says so and why', () => {
  const { body } = textOf({
    agent: { totals: { ...TOTALS, models: [], turns: 0 } },
    totals: WITHOUT_MODEL,
    whyNoModel: ['Anthropic: ANTHROPIC_API_KEY is not set', 'OpenAI: OPENAI_API_KEY is not set'],
  })
  expect(body).toMatch(/^No AI model was used.*\n\n- Anthropic: ANTHROPIC_API_KEY is not set/)
  expect(body).toContain('no model · [the run, step by step]')
  expect(body).not.toContain('What this run used')
})

test('an API caller is not mentioned, a pull request is not closed, a token does not verify', () => {
  const { body } = textOf({ request: aRequest({ requester: { login: 'bob' } }), credential: 'pat' })
  expect(body).toContain('Requested by an API client')
  expect(body).not.toMatch(/@bob|Closes|For #/)
  expect(body).toContain('not Verified')
})

test('text of the model has no effects, in the title neither', () => {
  const { title, body } = textOf({
    agent: {
      title: 'Fixes #3 for @bob and a very long line of words that goes on and on and on and on',
      summary: 'cc @bob <!-- hidden --> fixes other/repo#4 ![x](https://evil.example/x.png)',
      notes: '@carol',
    },
    warnings: ['`a.ts` was written by @dave'],
  })
  expect(`${title}${body}`).not.toMatch(/@(bob|carol|dave)|<!--|[^\u200b]ixes (#|other)|!\[/)
  expect(title.length).toBeLessThanOrEqual(72)
})

test('secrets are masked wherever they come from', () => {
  const token = `ghs_${'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6'}`
  const { title, body } = textOf({
    agent: { title: `Use ${token}`, summary: token },
    checksBefore: [check('x', 0)],
    checksAfter: [check('x', 1, token)],
  })
  expect(title + body).not.toContain(token)
})

test('without a title from the agent, the issue or the request gives it', () => {
  expect(textOf({ agent: { title: ' ' } }).title).toBe('A bug')
  expect(
    textOf({ agent: { title: '' }, request: aRequest({ prompt: '\nAdd a health check\nplease' }) }).title,
  ).toBe('Add a health check')
})

test.for([
  ['pull_request', 65_000],
  ['comment', 36_000],
] as const)('whatever its size, a %s holds all of its facts', ([place, maxChars]) => {
  const publish = Array.from({ length: 400 }, (_, index) =>
    changed({ path: `${'long/'.repeat(30)}${index}` }),
  )
  const { body } = textOf({
    place,
    agent: { summary: '@x `` ` '.repeat(50_000), notes: 'y\n'.repeat(50_000) },
    gate: { publish, remarks: [], reasons: [] },
    warnings: Array.from({ length: 100 }, () => 'w'.repeat(2000)),
    checksBefore: Array.from({ length: 5 }, (_, index) => check(`c${index}`, 0)),
    checksAfter: Array.from({ length: 5 }, (_, index) => check(`c${index}`, 1, '`\n'.repeat(2000))),
  })
  expect(body.length).toBeLessThanOrEqual(maxChars)
  expect(body).toMatch(/\nCloses #12\n[\s\S]*<\/sub>$/)
})
