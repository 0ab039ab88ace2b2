import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { getCompileCacheDir } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { killProcessTree } from '../box/process-tree.ts'
import { startBoxProcess } from './box-process.ts'
import { createHomeMapping } from './home-mapping.ts'
import type { BoxPlace, LaunchedBox } from './launched-box.ts'

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
 * Starts plain processes of this machine's user in a directory of their own, without any isolation: they can
 * read what this process can read and reach what it can reach. Only for code that the operator trusts.
 *
 * @param options.path the PATH that commands get; by default the usual directories, and that of `node`.
 */
export async function launchUnconfined(
  place: BoxPlace,
  options: { readonly node: string; readonly path?: string | undefined },
): Promise<LaunchedBox> {
  const home = join(place.directory, 'home')
  await mkdir(home, { mode: 0o700 })
  const path = options.path ?? [...USUAL_PATH, dirname(options.node)].join(delimiter)
  // With what this process has compiled the agent starts in less than half the time. Commands do not get this.
  const cache = getCompileCacheDir()
  const child = spawn(options.node, ['--disable-warning=ExperimentalWarning', AGENT], {
    cwd: home,
    env: cache === undefined ? { PATH: path } : { PATH: path, NODE_COMPILE_CACHE: dirname(cache) },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  const stop = () => {
    child.stdin.end() // Elsewhere than on Linux only the agent itself can find what it started.
    if (process.platform === 'linux' || child.exitCode !== null) {
      killProcessTree({ pid: child.pid, marker: `${place.boxId}.*`, orphans: false })
    }
  }
  const env = { PATH: path, HOME: home, USER: 'user', LOGNAME: 'user', SHELL: '/bin/bash', LANG: 'C.UTF-8' }
  const init = { type: 'init', home, env, boxId: place.boxId, confined: false } as const
  return {
    process: await startBoxProcess({ child, stop }, init),
    mapping: createHomeMapping(home),
    setEgress: async () => {},
    release: async () => {},
  }
}
