import { expect, test } from 'vitest'
import type { AgentTask } from '../../../src/agent/agent.ts'
import { firstMessage } from '../../../src/agent/builtin/prompt.ts'
import { SYSTEM_PROMPT } from '../../../src/agent/system-prompt.ts'
import { TOOLS } from '../../../src/agent/tools/index.ts'
import { createAnthropicModel } from '../../../src/models/anthropic/anthropic.ts'
import { startAnthropic } from '../../stand-ins/anthropic.ts'
import { taskIn } from '../support/work-on.ts'

/** A run on a pull request, with everything that a first message may hold. */
const TASK: AgentTask = {
  ...taskIn({ workspace: '/home/user/workspace', baseSha: '3f2a91c000000000000000000000000000000000' }),
  baseBranch: 'polite',
  prompt: 'Make the greeting polite, as on the picture',
  thread: {
    kind: 'pull_request',
    number: 12,
    title: 'Greet people',
    body: 'The door should say hello.',
    author: 'bob',
    trusted: true,
    comments: [
      { author: 'alice', at: '2026-11-22T09:00:00.000Z', text: 'Not "hello", please.' },
      { author: 'bob', at: '2026-11-22T09:30:00.000Z', text: 'This line is rude.', place: 'hello.txt:1' },
    ],
    leftOut: ['2 comments by people without write access'],
    changes: {
      base: 'main',
      head: 'polite',
      files: [
        { path: 'hello.txt', status: 'added', additions: 1, deletions: 0, patch: '@@ -0,0 +1 @@\n+hello' },
        { path: 'door.png', status: 'added', additions: 0, deletions: 0 },
      ],
    },
  },
  instructions: [{ path: 'AGENTS.md', text: 'Use tabs.\n' }],
  baseline: [
    { command: 'npm test', exitCode: 1, durationMs: 3210, tail: '1 failing' },
    { command: 'npm run lint', exitCode: 0, durationMs: 900, tail: 'ok' },
  ],
  setup: 'npm ci in 4.1 s',
  images: [{ type: 'image', mediaType: 'image/png', base64: 'iVBORw0KGgo=' }],
  network: ['registry.npmjs.org'],
}

interface Body {
  readonly system: readonly { readonly text: string }[]
  readonly tools: readonly {
    readonly name: string
    readonly description: string
    readonly input_schema: unknown
  }[]
  readonly messages: readonly { readonly role: string; readonly content: readonly Block[] }[]
}
interface Block {
  readonly type: string
  readonly text?: string
}

function readable({ system, tools, messages }: Body): string {
  return [
    '# What the model sees first',
    'The first request of a run, as it went over the wire to Claude; only the brackets of JSON are left out.',
    '## System prompt',
    ...system.map(({ text }) => text),
    '## Tools',
    ...tools.map(
      ({ name, description, input_schema }) =>
        `### ${name}\n${description}\n\`\`\`json\n${JSON.stringify(input_schema, null, 1)}\n\`\`\``,
    ),
    ...messages.flatMap(({ role, content }) => [
      `## Message of the ${role}`,
      ...content.map(({ type, text }) => text ?? `[${type}]`),
    ]),
    '',
  ].join('\n\n')
}

test('the first request of a run, for people to read', async () => {
  const server = await startAnthropic({ script: [{ text: 'I see.' }] })
  const { apiKey, baseUrl } = server
  const model = createAnthropicModel({ model: 'claude-opus-5-5', apiKey, baseUrl })
  const message = firstMessage({
    task: TASK,
    surroundings: {
      system: 'Linux 6.1.0',
      commands: ['git', 'node'],
      fileCount: 3,
      files: ['hello.txt', 'door.png', 'test/hello.test.js'],
    },
    date: new Date('2026-11-22T10:00:00Z'),
    nonce: 'c0ffee',
  })

  await model.respond(
    { system: SYSTEM_PROMPT, entries: [message] },
    { tools: TOOLS.map(({ schema }) => schema), signal: new AbortController().signal },
  )

  const body = server.turns()[0] as unknown as Body
  await server.close()
  await expect(readable(body)).toMatchFileSnapshot('__snapshots__/first-request.md')
})
