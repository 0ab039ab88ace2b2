import { createHmac, randomUUID } from 'node:crypto'
import type { Step } from '../../stand-ins/models/script.ts'

/** What the attacker can reach, and how. */
export interface Target {
  readonly url: string
  readonly repoUrl: string
  readonly webhookUrl: string
  readonly webhookSecret: string
  /** Comments in the thread of an issue; resolves when the service has read it. */
  comment(author: 'ada' | 'eve', body: string): Promise<void>
  /** Starts a run and waits for its end. @returns its id. */
  run(body: Readonly<Record<string, unknown>>): Promise<string>
  /** What the model says from now on. */
  answerWith(steps: readonly Step[]): void
}

export interface Attack {
  readonly name: string
  readonly send: (target: Target) => Promise<unknown>
}

const COMMENT = 65_000
const PROMPT = 100_000
const UNITS = ['*a_ ', '**x', '> ', '-eyJ', '`', '[a](', '<!--', '\n', '://a:', '@a\n\n', 'a\n=\n']

const filled = (unit: string, size: number) => unit.repeat(Math.ceil(size / unit.length)).slice(0, size)
const shown = (unit: string) => JSON.stringify(unit)

const FINISH = { outcome: 'done', title: 'Do it', summary: 'Done.' }
const finish = (claim: Readonly<Record<string, string>> = {}): Step => ({
  calls: [{ name: 'finish', args: { ...FINISH, ...claim } }],
})
const call = (name: string, args: unknown): Step => ({ calls: [{ name, args }] })
const model = (steps: readonly Step[]) => async (target: Target) => {
  target.answerWith([...steps, finish(), finish(), finish()])
  const id = await target.run({ repoUrl: target.repoUrl, prompt: 'Do it' })
  for (const path of [`/runs/${id}`, `/runs/${id}/live?after=0`, `/runs/${id}/diff`]) {
    await (await fetch(`${target.url}${path}`, { headers: { accept: 'text/html' } })).text()
  }
}
const post = (target: Target, body: string) =>
  fetch(`${target.url}/code`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })

async function sendWebhook({ webhookUrl, webhookSecret }: Target, body: string): Promise<void> {
  const signature = createHmac('sha256', webhookSecret).update(body).digest('hex')
  const headers = {
    'content-type': 'application/json',
    'x-github-event': 'issue_comment',
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': `sha256=${signature}`,
  }
  await fetch(webhookUrl, { method: 'POST', headers, body })
}

/** Prints a unit over and over, up to a size. */
const printing = (unit: string, bytes: number) =>
  `node -e ${JSON.stringify(`process.stdout.write(${shown(unit)}.repeat(${Math.ceil(bytes / unit.length)}))`)}`
const lines = (file: string, sign: string) =>
  `node -e ${JSON.stringify(`require('fs').writeFileSync('${file}', Array.from({length: 60000}, (_, i) => '${sign}' + i * 7919 % 65537).join('\\n'))`)}`

export const ATTACKS: readonly Attack[] = [
  ...UNITS.flatMap((unit): Attack[] => [
    {
      name: `comment of an outsider, ${shown(unit)}`,
      send: (target) => target.comment('eve', `/backspace fix\n\n${filled(unit, COMMENT)}`),
    },
    {
      name: `prompt without a model, ${shown(unit)}`,
      send: ({ run, repoUrl }) => run({ repoUrl, agent: 'dummy', prompt: filled(unit, PROMPT) }),
    },
    {
      name: `words of a model, ${shown(unit)}`,
      send: model([
        { text: filled(unit, COMMENT), ...call('glob', { pattern: '*' }) },
        finish({ summary: filled(unit, COMMENT), notes: filled(unit, 20_000) }),
      ]),
    },
  ]),
  ...['-eyJ', '\u200d', '\x1b[', '\n'].map((unit) => ({
    name: `output of a command, ${shown(unit)}`,
    send: model([
      call('bash', { command: printing(unit, 1_000_000) }),
      call('bash', { command: printing(unit, 16_000) }),
    ]),
  })),
  { name: 'a glob with forty braces', send: model([call('glob', { pattern: '{a,b}'.repeat(40) })]) },
  {
    name: 'an edit that doubles a file twenty times',
    send: model([
      call('bash', { command: printing('a', 1_000_000).concat(' > big.txt') }),
      call('read', { file_path: 'big.txt' }),
      call('edit', {
        file_path: 'big.txt',
        edits: Array.from({ length: 20 }, () => ({ old_string: 'a', new_string: 'aa', replace_all: true })),
      }),
    ]),
  },
  {
    name: 'a changed file without a line in common',
    send: model([call('bash', { command: lines('lines.txt', 'b') })]),
  },
  {
    name: 'a new file of 9 MiB',
    send: model([call('bash', { command: printing('-eyJ\n', 9_000_000).concat(' > new.txt') })]),
  },
  {
    name: 'a changed file of nine million lines',
    send: model([call('bash', { command: printing('\n', 9_000_000).concat(' > lines.txt') })]),
  },
  {
    name: 'manifests of 60 KB',
    send: model([
      call('bash', { command: printing('a.b = [1, "x"]\n', 60_000).concat(' > pyproject.toml') }),
      call('bash', { command: printing('}', 8000).concat(' > pnpm-workspace.yaml') }),
    ]),
  },
  {
    name: 'arguments nested 100,000 deep',
    send: model([
      { calls: [{ name: 'bash', json: `{"command":${'['.repeat(100_000)}${']'.repeat(100_000)}}` }] },
    ]),
  },
  {
    name: 'a webhook of 1 MiB, nested',
    send: (target) => sendWebhook(target, `{"a":${'['.repeat(500_000)}${']'.repeat(500_000)}}`),
  },
  {
    name: 'POST /code of 1 MiB, nested',
    send: (target) => post(target, `{"prompt":${'['.repeat(500_000)}${']'.repeat(500_000)}}`),
  },
  {
    name: 'POST /code with 100,000 fields',
    send: (target) =>
      post(
        target,
        JSON.stringify(Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`f${index}`, 1]))),
      ),
  },
]
