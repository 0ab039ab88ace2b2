import { createHmac, randomUUID } from 'node:crypto'
import type { Step } from '../../stand-ins/models/script.ts'

/** What the attacker can reach, and how. */
export interface Target {
  readonly url: string
  readonly repoUrl: string
  /** A repository whose changes are verified. */
  readonly verifiedUrl: string
  readonly webhookUrl: string
  readonly webhookSecret: string
  /** Comments in the thread of an issue; resolves when the service has read all of them. */
  comment(author: 'ada' | 'eve', bodies: readonly string[]): Promise<void>
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
/** What comments, prompts and answers of models are made of. */
const UNITS = ['*a_ ', '**x', '> ', '-eyJ', '`', '[a](', '<!--', '\n', '://a:', '@a\n\n', 'a\n=\n']

const filled = (unit: string, size: number) => unit.repeat(Math.ceil(size / unit.length)).slice(0, size)
const shown = (unit: string) => JSON.stringify(unit)

const FINISH = { outcome: 'done', title: 'Do it', summary: 'Done.' }
const finish = (claim: Readonly<Record<string, string>> = {}): Step => ({
  calls: [{ name: 'finish', args: { ...FINISH, ...claim } }],
})
export const call = (name: string, args: unknown): Step => ({ calls: [{ name, args }] })
export const model =
  (steps: readonly Step[], where: 'repoUrl' | 'verifiedUrl' = 'repoUrl') =>
  async (target: Target) => {
    target.answerWith([...steps, finish(), finish(), finish()])
    const id = await target.run({ repoUrl: target[where], prompt: 'Do it' })
    for (const path of ['', '/live?after=0', '/diff', '/events'].map((part) => `/runs/${id}${part}`)) {
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

const TOKEN = 'ghp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6'
/** What masks and terminals look at for longest. */
const OUTPUTS = [
  '-eyJ',
  '\u200d',
  '\x1b[',
  '\n',
  'kind: Secret\n',
  '%41',
  'curl -u a:bcd ',
  'api_key="aB3dE6gH9j"\n',
]

export const ATTACKS: readonly Attack[] = [
  {
    name: `${UNITS.length} comments of an outsider`,
    send: (target) =>
      target.comment(
        'eve',
        UNITS.map((unit) => `/backspace fix\n\n${filled(unit, COMMENT)}`),
      ),
  },
  {
    name: `${UNITS.length} prompts without a model, and the list of their runs`,
    async send({ run, repoUrl, url }) {
      await Promise.all(UNITS.map((unit) => run({ repoUrl, agent: 'dummy', prompt: filled(unit, PROMPT) })))
      for (const accept of ['application/json', 'text/html']) {
        await (await fetch(`${url}/runs?limit=100`, { headers: { accept } })).text()
      }
    },
  },
  ...[UNITS.slice(0, 4), UNITS.slice(4, 8), UNITS.slice(8)].map((units) => ({
    name: `words of a model, ${units.map(shown).join(' ')}`,
    send: model([
      ...units.map((unit) => ({ text: filled(unit, COMMENT), ...call('glob', { pattern: '*' }) })),
      finish({
        summary: units.map((unit) => filled(unit, 2000)).join('\n\n'),
        notes: filled(units[0] ?? '', 20_000),
      }),
    ]),
  })),
  {
    name: 'messages of 400 KB',
    send: model(OUTPUTS.map((unit) => ({ text: filled(unit, 400_000), ...call('glob', { pattern: '*' }) }))),
  },
  ...[OUTPUTS.slice(0, 4), OUTPUTS.slice(4)].map((units) => ({
    name: `output of commands, ${units.map(shown).join(' ')}`,
    send: model([
      ...units.map((unit) => call('bash', { command: printing(unit, 1_000_000) })),
      ...units.map((unit) => call('bash', { command: printing(unit, 16_000) })),
    ]),
  })),
  {
    name: 'new files of 60 KB that masks look at for longest',
    send: model(
      OUTPUTS.map((unit, index) =>
        call('bash', { command: printing(unit, 60_000).concat(` > new-${index}.txt`) }),
      ),
    ),
  },
  {
    name: 'a line of 8 MB with 1,900 tokens',
    send: model([
      call('bash', {
        command: `${printing(`${TOKEN} `, 1900 * 41)} > leak.txt; ${printing('x ', 8_000_000)} >> leak.txt`,
      }),
    ]),
  },
  {
    name: 'a new file of 8 MB that nothing makes smaller',
    send: model([call('bash', { command: 'head -c 6000000 /dev/urandom | base64 > random.txt' })]),
  },
  {
    name: '60 files in 90 folders each',
    send: model([
      call('bash', {
        command:
          'deep=$(seq 88 | sed s/.*/a/ | paste -sd/); for i in $(seq 60); do mkdir -p d$i/$deep; echo x > d$i/$deep/x; done',
      }),
    ]),
  },
  {
    name: '2,500 changed files',
    send: model([call('bash', { command: 'mkdir many; cd many; seq 2500 | split -l 1 -a 4' })]),
  },
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
