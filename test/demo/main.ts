import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Backspace, createBackspace } from '../../src/backspace.ts'
import { followRun } from '../../src/commands/terminal/run/follow-run.ts'
import type { ReceivedFrame } from '../../src/commands/terminal/run/received-frame.ts'
import { createPaint } from '../../src/commands/terminal/views/paint.ts'
import { knownError } from '../../src/errors.ts'
import { startGitHub } from '../stand-ins/github/start-github.ts'
import { freePort } from '../support/postgres.ts'
import { chooseSandbox } from './choose-sandbox.ts'
import { demoConfig } from './demo-config.ts'
import { type DemoOptions, readDemoOptions, USAGE } from './demo-options.ts'
import { askForWork } from './demo-story.ts'
import { describeDemo } from './describe-demo.ts'
import { readLiveSettings } from './live-settings.ts'
import { copyWithChanges, decideOnChanges } from './take-along.ts'

const paint = createPaint(process.stdout)
const print = (text: string) => void process.stdout.write(text)

async function demo(options: DemoOptions): Promise<number> {
  const changes = await decideOnChanges(options)
  if (changes === 'stop') return 1
  const live = options.live ? readLiveSettings() : undefined
  const sandbox = await chooseSandbox(options, live)
  print(`\n  ${paint('bold', 'Backspace demo')}\n\n`)
  if (live) print(`  Real models are at work: this run may cost up to $${live.capUsd.toFixed(2)}.\n\n`)
  const directory = await mkdtemp(join(tmpdir(), 'backspace-demo-'))
  const { repo } = options
  const source = repo !== undefined && changes === 'take' ? await copyWithChanges(repo, directory) : repo
  const github = await startGitHub()
  let backspace: Backspace | undefined
  try {
    const scripted = !options.live && options.prompt === undefined
    const config = demoConfig({
      github,
      port: await freePort(),
      directory,
      live,
      scripted,
      sandbox: sandbox.kind,
    })
    backspace = await createBackspace(config)
    const { url } = await backspace.start()
    github.setWebhookTarget(`${url}${config.github.webhookPath}`)
    if (options.uncommitted > 0) print(`  ${paint('yellow', uncommittedNote(options, changes))}\n\n`)
    print(describeDemo({ config, github: github.url, service: url, note: sandbox.note, scripted, paint }))

    const asked = await askForWork(github, options, source)
    print(`\n  ${paint('bold', `${asked.author}:`)} ${asked.comment}\n  ${paint('dim', asked.url)}\n\n`)
    const end = await watch(await findRun(url))
    if (options.keep) await keepOpen(url, asked.url)
    return conclude(end)
  } finally {
    await backspace?.stop(0)
    await github.close()
    await rm(directory, { recursive: true, force: true })
  }
}

/** The comment has been delivered by webhook; the run it started is the only one. */
async function findRun(url: string): Promise<string> {
  for (let tries = 0; tries < 200; tries++) {
    const response = await fetch(`${url}/runs`, { headers: { accept: 'application/json' } })
    const { runs } = (await response.json()) as { runs: readonly { readonly eventsUrl: string }[] }
    if (runs[0]) return runs[0].eventsUrl
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('The comment did not start a run.')
}

async function watch(eventsUrl: string): Promise<ReceivedFrame> {
  const last = await followRun(eventsUrl, { output: process.stdout })
  if (!last) throw new Error('The run has no events.')
  return last
}

function uncommittedNote({ repo, uncommitted }: DemoOptions, changes: 'take' | 'ignore'): string {
  const has = `${repo} has ${uncommitted === 1 ? '1 uncommitted file' : `${uncommitted} uncommitted files`}.`
  return changes === 'take'
    ? `${has} The demo works on a copy that has all of them.`
    : `${has} The demo works on the last commit.`
}

async function keepOpen(url: string, thread: string): Promise<void> {
  print(
    `\n  Everything is still running:\n    Backspace  ${url}\n    GitHub     ${thread}\n  Press Ctrl+C to end it.\n`,
  )
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
}

function conclude(end: ReceivedFrame): number {
  if (end.type !== 'success') return 1
  const { pr_url, comment_url } = end.extra_data
  if (pr_url) print(`\npull request: ${pr_url}\n`)
  else if (comment_url) print(`\nanswer: ${comment_url}\n`)
  return 0
}

async function main(): Promise<number> {
  const options = readDemoOptions(process.argv.slice(2), process.env.INIT_CWD ?? process.cwd())
  if (options !== 'help') return await demo(options)
  print(`${USAGE}\n`)
  return 0
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const message = knownError(error)?.userMessage ?? (error instanceof Error ? error.message : String(error))
    process.stderr.write(`\n${message}\n\n${USAGE}\n`)
    process.exit(1)
  },
)
