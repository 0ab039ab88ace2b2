import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Buildah } from './buildah.ts'

/** A container that runs. */
export interface StartedImage {
  readonly url: string
  output(): string
  /** Of the process of the service, as the kernel tells it. */
  user(): string
  /** SIGTERM to its init, as a host sends it; resolves with the exit code. */
  stop(): Promise<number | null>
  /** Whatever state it is in. */
  remove(): Promise<void>
}

/** The options with which a command runs as the image says: its user, and the network of this machine. */
export function runOptions(user: string, env: Readonly<Record<string, string>>): string[] {
  const given = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`])
  return ['run', '--isolation', 'chroot', '--network', 'host', '--user', user, ...given]
}

/**
 * Starts the image with its own entry and command, and waits until it listens. buildah reads neither of them, so they are given.
 *
 * @throws {Error} with its output, when it ends before.
 */
export async function startImage(
  buildah: Buildah,
  container: string,
  { user, command, env }: { user: string; command: readonly string[]; env: Readonly<Record<string, string>> },
): Promise<StartedImage> {
  const child = buildah.start([...runOptions(user, env), container, '--', ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString('utf8')
      const found = /Backspace listens on (http:\/\/[^"\s]+)/.exec(output)?.[1]
      if (found) resolve(found)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    void ended.then(() => reject(new Error(`it ended before it listened:\n${output}`)))
  })
  async function stop(): Promise<number | null> {
    process.kill(initOf(child, command), 'SIGTERM')
    return await ended
  }
  const uid = () => statusOf(initOf(child, command), 'Uid').split('\t')[0] ?? ''
  async function remove(): Promise<void> {
    for (const pid of descendants(child.pid ?? 0)) process.kill(pid, 'SIGKILL')
    await ended
  }
  return { url, output: () => output, user: uid, stop, remove }
}

/** buildah does not pass signals on; chroot shares the process ids of the machine. */
function initOf({ pid }: ChildProcess, [program = '']: readonly string[]): number {
  const found = descendants(pid ?? 0).find(
    (each) => basename(read(each, 'cmdline').split('\0')[0] ?? '') === program,
  )
  if (found === undefined) throw new Error(`${program} does not run`)
  return found
}

function descendants(pid: number): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const children = all.map(Number).filter((each) => Number(statusOf(each, 'PPid')) === pid)
  return children.flatMap((child) => [child, ...descendants(child)])
}

function statusOf(pid: number, field: string): string {
  return new RegExp(`^${field}:\\t(.*)$`, 'm').exec(read(pid, 'status'))?.[1] ?? ''
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return '' // It has ended.
  }
}
