import { mkdir } from 'node:fs/promises'
import { getCompileCacheDir } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Spawner } from '../../processes/spawner.ts'
import { killProcessTree, startOf } from '../box/process-tree.ts'
import { startBoxProcess } from './box-process.ts'
import { forwardLocally, listenAt } from './forward-locally.ts'
import { createHomeMapping } from './home-mapping.ts'
import type { LaunchedBox, NewBox } from './launched-box.ts'
import { startBoxProgram } from './start-box-program.ts'

const AGENT = fileURLToPath(new URL('../box/box-agent.ts', import.meta.url))
const USUAL_PATH = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
  '/opt/homebrew/bin',
]

/**
 * Starts ordinary processes in their own directory, without any isolation: they can read and reach everything that this
 * process can. Only for code that the operator trusts.
 *
 * @param options.path PATH for commands; default: the usual directories, and the one that has `node`.
 */
export async function launchUnconfined(
  newBox: NewBox,
  options: { readonly node: string; readonly path?: string | undefined; readonly spawner: Spawner },
): Promise<LaunchedBox> {
  const home = join(newBox.directory, 'home')
  await mkdir(home, { mode: 0o700 })
  const path = options.path ?? [...USUAL_PATH, dirname(options.node)].join(delimiter)
  // With the compile cache of this process, the agent starts in less than half the time. Commands do not get it.
  const cache = getCompileCacheDir()
  const command = {
    program: options.node,
    args: ['--disable-warning=ExperimentalWarning', AGENT],
    cwd: home,
    env: cache === undefined ? { PATH: path } : { PATH: path, NODE_COMPILE_CACHE: dirname(cache) },
  }
  const child = await startBoxProgram(options.spawner, command, {
    directory: newBox.directory,
    pipes: 0,
    // Its commands lead process groups of their own, and no one else would find them.
    endsItself: true,
  })
  const since = startOf(child.pid)
  const stop = () => {
    child.stdin.end() // Outside Linux, only the agent itself can find what it started.
    const hasEnded = child.hasEnded()
    if (process.platform !== 'linux' && !hasEnded) return
    // Once it has ended, its pid may belong to a new process.
    const pid = hasEnded ? undefined : child.pid
    killProcessTree({ pid, marker: `${newBox.boxId}.*`, orphans: false, since })
  }
  const env = { PATH: path, HOME: home, USER: 'user', LOGNAME: 'user', SHELL: '/bin/bash', LANG: 'C.UTF-8' }
  const init = { type: 'init', home, env, boxId: newBox.boxId, confined: false } as const
  const box = await startBoxProcess({ child, stop }, init)
  return {
    process: box,
    mapping: createHomeMapping(home),
    home: undefined,
    setEgress: async () => {},
    forward: forwardLocally(box, async (server) => ({
      port: await listenAt(server, { port: 0, host: '127.0.0.1' }),
      close: () => {},
    })),
    release: async () => {},
  }
}
