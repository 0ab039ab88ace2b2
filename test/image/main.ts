import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { postCode } from '../scenarios/post-code.ts'
import type { GitHubStandIn } from '../stand-ins/github/start-github.ts'
import { createGreeter, FIX_GREETER, startStandIns } from '../support/start-world.ts'
import { type Buildah, openBuildah, requirePrograms } from './buildah.ts'
import {
  describeImage,
  faultsOfDescription,
  faultsOfFiles,
  MOST_MEGABYTES,
  megabytesOf,
} from './check-contents.ts'
import { digestOfInputs, IMAGE_LOCK, type ImageLock } from './image-inputs.ts'
import { provideBase } from './provide-base.ts'
import { followImage, type StartedImage } from './started-image.ts'
import { runOptions, startInChroot, startReadOnly } from './ways-to-run.ts'

const ROOT = join(import.meta.dirname, '../..')
const IMAGE = 'localhost/backspace:check'
const TOKEN = 'a-token-of-the-image-check'
const began = performance.now()

/** Builds the image as the Dockerfile says it, looks into it, starts it, lets it make a pull request, and stops it. */
async function main(): Promise<void> {
  requirePrograms({ buildah: 'buildah', bwrap: 'bubblewrap' })
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  const directory = join(cache, 'backspace-image')
  mkdirSync(directory, { recursive: true })
  const buildah = openBuildah(join(directory, 'buildah'))
  const base = provideBase(buildah, nameOfBase(), directory)
  say(`base: ${base}`)
  const args = [
    '--layers',
    '--pull-never',
    '--format',
    'docker',
    '--isolation',
    'chroot',
    '--network',
    'host',
  ]
  buildah.show('bud', ...args, '--tag', IMAGE, ROOT)
  say('built')
  const container = buildah('from', '--pull-never', IMAGE)
  try {
    const megabytes = await checkImage(buildah, container)
    const lock: ImageLock = { inputs: digestOfInputs(), base, megabytes }
    writeFileSync(join(ROOT, IMAGE_LOCK), `${JSON.stringify(lock, null, 2)}\n`)
    say(`passed; ${IMAGE_LOCK} is written: commit it`)
  } finally {
    buildah('rm', container)
  }
}

async function checkImage(buildah: Buildah, container: string): Promise<number> {
  const described = describeImage(buildah, IMAGE)
  const root = buildah('mount', container)
  const megabytes = megabytesOf(root)
  say(`${megabytes} MB`)
  const faults = [...faultsOfDescription(described), ...faultsOfFiles(root)]
  if (megabytes > MOST_MEGABYTES) faults.push(`it has ${megabytes} MB, and may have ${MOST_MEGABYTES}`)
  if (faults.length > 0) throw new Error(`The image is not as it should be:\n- ${faults.join('\n- ')}`)
  say(`uid ${described.User}, nothing in it that should not be`)

  await tryInChroot(buildah, container, described)
  await tryReadOnly(root, described)
  return megabytes
}

type Described = ReturnType<typeof describeImage>

async function tryInChroot(buildah: Buildah, container: string, described: Described): Promise<void> {
  const { User: user, Healthcheck } = described
  const standIns = await startStandIns({ anthropic: FIX_GREETER })
  const command = commandOf(described)
  const child = startInChroot(buildah, container, { user, command, env: settingsFor(standIns) })
  const service = await followImage(child, command[0])
  try {
    say(`listens as uid ${service.user()}`)
    expect(service.user() === '1000', 'the service does not run as uid 1000')
    await expectReady(service)
    const { port } = new URL(service.url)
    const [, ...healthCheck] = Healthcheck?.Test ?? []
    buildah(...runOptions(user, { PORT: port }), container, '--', ...healthCheck)
    say('healthy, ready, and the health check of the image says so')
    await makePullRequest(standIns.github, service)
    expectPlainWords(buildah, container, user)
    await expectEnd(service)
  } finally {
    await service.remove()
    await standIns.close()
  }
}

/** With a root that is read-only, and local sandboxes: the image has what they need. */
async function tryReadOnly(root: string, described: Described): Promise<void> {
  const standIns = await startStandIns({ anthropic: FIX_GREETER, sandbox: 'local' })
  const own = Object.fromEntries(described.Env.map((pair) => pair.split(/=(.*)/s).slice(0, 2)))
  const command = commandOf(described)
  const { child, remove } = startReadOnly(root, { command, env: { ...own, ...settingsFor(standIns) } })
  const service = await followImage(child, command[0])
  try {
    await expectReady(service)
    say('ready with a root that is read-only')
    await makePullRequest(standIns.github, service)
    await expectEnd(service)
  } finally {
    await service.remove()
    await standIns.close()
    remove()
  }
}

function commandOf({ Entrypoint, Cmd }: Described): [string, ...string[]] {
  const [init = '', ...rest] = [...Entrypoint, ...Cmd]
  return [init, ...rest]
}

/** PATH is the image's own. */
function settingsFor({ env }: Awaited<ReturnType<typeof startStandIns>>): Record<string, string> {
  const { PATH, ...settings } = env
  return { ...settings, API_TOKENS: `check=${TOKEN}`, PORT: '0', LOG_LEVEL: 'info' }
}

async function expectReady(service: StartedImage): Promise<void> {
  for (const path of ['/healthz', '/readyz']) {
    const { status } = await fetch(service.url + path)
    expect(status === 200, `${path} answers ${status}:\n${service.output()}`)
  }
}

async function expectEnd(service: StartedImage): Promise<void> {
  const stopping = performance.now()
  const code = await service.stop()
  expect(code === 0, `SIGTERM ended it with ${code}:\n${service.output()}`)
  say(`SIGTERM ended it with 0 after ${Math.round(performance.now() - stopping)} ms`)
}

async function makePullRequest(github: GitHubStandIn, { url, output }: StartedImage): Promise<void> {
  const repo = await createGreeter(github)
  const headers = { authorization: `Bearer ${TOKEN}` }
  const answer = await postCode({ url, github, repo }, { prompt: 'make the failing test pass' }, { headers })
  const stream = await answer.text()
  expect(github.pullRequests(repo).length === 1, `POST /code opened no pull request:\n${stream}\n${output()}`)
  say('POST /code opened a pull request')
}

/** There are no user namespaces within chroot, so this shows what an operator reads where a host forbids them. */
function expectPlainWords(buildah: Buildah, container: string, user: string): void {
  const env = { BACKSPACE_SANDBOX: 'local', DATA_DIR: '/tmp/doctor' }
  const command = ['sh', '-c', 'bin/node src/commands/doctor.ts; true']
  const said = buildah(...runOptions(user, env), container, '--', ...command)
  expect(/user namespaces/.test(said), `the doctor does not say why bubblewrap cannot start:\n${said}`)
  say('the doctor says that bubblewrap needs user namespaces, and bin/node starts the Node of the base')
}

function nameOfBase(): string {
  const [, name = ''] = /^FROM (\S+)/m.exec(readFileSync(join(ROOT, 'Dockerfile'), 'utf8')) ?? []
  return name
}

function expect(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise)
}

function say(text: string): void {
  console.log(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${text}`)
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
