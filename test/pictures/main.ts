import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBackspace } from '../../src/backspace.ts'
import { endOf, type ReceivedFrame } from '../../src/commands/terminal/run/received-frame.ts'
import { runFrames } from '../../src/commands/terminal/run/run-frames.ts'
import { readConfig } from '../../src/config.ts'
import { probeLocalSandbox } from '../../src/sandbox/local/probe-local-sandbox.ts'
import { askForWork } from '../demo/demo-story.ts'
import turns from '../demo/turns.json' with { type: 'json' }
import { startAnthropic } from '../stand-ins/anthropic.ts'
import { startGitHub } from '../stand-ins/github/start-github.ts'
import { stepFor } from '../stand-ins/models/script.ts'
import { anthropicEnvironment, appEnvironment, githubEnvironment } from '../support/environment.ts'
import { freePort } from '../support/postgres.ts'
import { openCamera } from './camera.ts'

/** The turn before which the run is held, so that the pictures show it at work. */
const HELD_TURN = 3
const DEMO = {
  repo: undefined,
  uncommitted: 0,
  localChanges: undefined,
  prompt: undefined,
  keep: false,
  live: false,
}

/** Takes the pictures of the README’s tour from a real run against the stand-ins. Emoji need Debian’s fonts-noto-color-emoji. */
async function takePictures(): Promise<void> {
  const probe = await probeLocalSandbox({ path: process.env.PATH })
  if (!probe.available) throw new Error(`Pictures need the local sandbox. ${probe.message}`)
  const directory = await mkdtemp(join(tmpdir(), 'backspace-pictures-'))
  const held = Promise.withResolvers<void>()
  const github = await startGitHub()
  const anthropic = await startAnthropic({
    script: async (request, index) => {
      if (index === HELD_TURN) await held.promise
      return stepFor(turns, request, index)
    },
  })
  const port = String(await freePort())
  const config = readConfig({
    PATH: process.env.PATH,
    ...githubEnvironment(github),
    ...appEnvironment(github),
    ...anthropicEnvironment(anthropic),
    BACKSPACE_SANDBOX: 'local',
    HOST: '127.0.0.1',
    PORT: port,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    DATA_DIR: join(directory, 'data'),
    LOG_LEVEL: 'warn',
  })
  const backspace = await createBackspace(config)
  const camera = await openCamera(join(import.meta.dirname, '../../docs/pictures'))
  try {
    const { url } = await backspace.start()
    github.setWebhookTarget(`${url}${config.github.webhookPath}`)
    // Without the form for a comment.
    github.signInAs(undefined)
    const thread = await askForWork(github, DEMO, undefined)
    const { eventsUrl, runUrl } = await firstRun(url)
    const frames = runFrames(eventsUrl)
    await until(frames, (frame) => frame.type === 'info' && 'turn' in frame && frame.turn === HELD_TURN)
    await until(frames, (frame) => frame.type === 'Tool: Bash')
    await camera.take({ name: 'thread', url: thread.url, shows: 'Run the tests again ⏳', width: 860 })
    await camera.take({ name: 'run', url: runUrl, shows: 'Run the tests again', width: 1120, height: 980 })
    held.resolve()
    const end = await until(frames, (frame) => endOf(frame) !== undefined)
    const pullRequest = end.type === 'success' ? end.extra_data.pr_url : null
    if (pullRequest === null) throw new Error(`The run ended without a pull request: ${end.message}`)
    await camera.take({
      name: 'pull-request',
      url: pullRequest,
      shows: 'Fixes 1 failing test',
      width: 860,
      height: 566,
    })
  } finally {
    held.resolve()
    await camera.close()
    await backspace.stop(0)
    await anthropic.close()
    await github.close()
    await rm(directory, { recursive: true, force: true })
  }
}

/** The comment has been delivered by webhook; the run it started is the only one. */
async function firstRun(url: string): Promise<{ readonly eventsUrl: string; readonly runUrl: string }> {
  for (let tries = 0; tries < 200; tries++) {
    const response = await fetch(`${url}/runs`, { headers: { accept: 'application/json' } })
    const { runs } = (await response.json()) as {
      readonly runs: readonly { readonly eventsUrl: string; readonly runUrl: string }[]
    }
    if (runs[0]) return runs[0]
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('The comment did not start a run.')
}

/** Reads on to the first frame that fits. */
async function until(
  frames: AsyncGenerator<ReceivedFrame>,
  fits: (frame: ReceivedFrame) => boolean,
): Promise<ReceivedFrame> {
  for (;;) {
    const { done, value } = await frames.next()
    if (done) throw new Error('The run ended too early.')
    if (fits(value)) return value
  }
}

await takePictures()
process.exit(0)
