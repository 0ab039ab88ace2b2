import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'

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

/**
 * Waits until an image that was just started listens.
 *
 * @param child has the program `init` among its descendants; its output is read.
 * @throws {Error} with its output, when it ends before.
 */
export async function followImage(child: ChildProcess, init: string): Promise<StartedImage> {
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
    process.kill(initOf(child, init), 'SIGTERM')
    return await ended
  }
  const uid = () => statusOf(initOf(child, init), 'Uid').split('\t')[0] ?? ''
  async function remove(): Promise<void> {
    for (const pid of descendants(child.pid ?? 0)) process.kill(pid, 'SIGKILL')
    await ended
  }
  return { url, output: () => output, user: uid, stop, remove }
}

/** What starts the image passes no signal on, and this machine sees the processes in it. */
function initOf({ pid }: ChildProcess, program: string): number {
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
