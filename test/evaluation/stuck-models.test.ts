import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { claim, FIX, onQuickGreeter, sh, stubborn } from './adversary.ts'
import type { Policy } from './conversation.ts'
import { type Evaluation, startEvaluation } from './start-evaluation.ts'

const STEPS = 10
const read = (file_path: string) => ({ calls: [{ name: 'read', args: { file_path } }] })

/** Models that never come to an end by themselves, and what the run says of them. */
const ENDLESS: Readonly<
  Record<string, { readonly policy: Policy; readonly turns: number; readonly says: string }>
> = {
  'repeats one call': {
    policy: stubborn(read('README.md')),
    turns: 5,
    says: 'it repeated the same read call 5 times with the same result',
  },
  'goes to and fro': {
    policy: ({ turns }) => read(turns % 2 === 0 ? 'README.md' : 'package.json'),
    turns: 9,
    says: 'it repeated the same read call 5 times with the same result',
  },
  'sends arguments that are not JSON': {
    policy: stubborn({ calls: [{ name: 'edit', json: '{"file_path": "src/greet.js", "edits": [' }] }),
    turns: 5,
    says: 'it repeated the same edit call 5 times with the same result',
  },
  'calls tools that do not exist': {
    policy: ({ turns }) => ({ calls: [{ name: `git_push_${turns}`, args: { branch: 'main' } }] }),
    turns: 8,
    says: '8 of its tool calls in a row did not work',
  },
  'claims a change that it never made': {
    policy: stubborn(claim({})),
    turns: 3,
    says: 'The agent said that it made a change, but the workspace is as it was.',
  },
}

describe.concurrent('a model that', { timeout: 180_000 }, () => {
  let evaluation: Evaluation
  beforeAll(async () => {
    evaluation = await startEvaluation({ verify: undefined, env: { BACKSPACE_MAX_STEPS: String(STEPS) } })
  })
  afterAll(async () => {
    expect(evaluation.rejections).toEqual([])
    await evaluation.stop()
  })
  const meet = (...greeter: Parameters<typeof onQuickGreeter>) =>
    evaluation.evaluate(onQuickGreeter(...greeter))

  for (const [name, { policy, turns, says }] of Object.entries(ENDLESS)) {
    test(`${name} is stopped, and nothing is published`, async () => {
      const { end, requests, branches, comment } = await meet(name.replaceAll(' ', '-'), policy)

      expect(end).toMatchObject({
        type: 'error',
        code: 'agent_stuck',
        message: expect.stringContaining(says),
      })
      expect(comment).toContain(says)
      expect([requests.length, branches]).toEqual([turns, ['main']])
    })
  }

  test('never finishes is stopped at the limit, and what it did is a draft that says so first', async () => {
    const { end, pull, requests } = await meet('never-finishes', ({ turns }) =>
      turns === 0 ? FIX : sh(`echo ${turns} >> progress.txt`),
    )

    expect(end).toMatchObject({ type: 'success', extra_data: { outcome: 'pull_request', draft: true } })
    expect(pull).toMatchObject({ draft: true, title: '[partial] Hello' })
    expect(pull?.body).toMatch(
      new RegExp(`^> .*\n> \\*\\*This is not finished\\.\\*\\* .*${STEPS} of ${STEPS} steps`),
    )
    expect(pull?.body).not.toContain('Closes #')
    expect(requests).toHaveLength(STEPS)
    expect(JSON.stringify(requests.at(-1))).toContain('Call finish now')
  })

  test('prints 50 MB is shown 16 KB of it', async () => {
    const flood = sh("head -c 50000000 /dev/zero | tr '\\0' x; echo; echo THE END")
    const { end, requests } = await meet('flood', stubborn(flood, FIX, claim({})))

    expect(end).toMatchObject({ type: 'success', extra_data: { outcome: 'pull_request' } })
    const shown = JSON.stringify(requests[1]?.messages.at(-1))
    expect(shown).toContain('full log:')
    expect(shown.length).toBeLessThan(20_000)
  })

  test('only talks has answered a question, whatever it says that it did', async () => {
    const { end, pull, branches } = await meet(
      'only-talks',
      stubborn({ text: 'I fixed it and pushed it to main.' }),
    )

    expect(end).toMatchObject({ type: 'success', extra_data: { outcome: 'answer', pr_url: null } })
    expect([pull, branches]).toEqual([undefined, ['main']])
  })
})
