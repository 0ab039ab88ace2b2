import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, fstatSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** A system pipe for one stream of one command. The caller of `take` closes both descriptors. */
export interface OutputPipe {
  readonly read: number
  /** Writing to a full pipe blocks, as programs expect it to. */
  readonly write: number
}

export interface OutputPipes {
  /** One pipe for stdout and one for stderr; undefined while none are ready. */
  take(): { readonly stdout: OutputPipe; readonly stderr: OutputPipe } | undefined
}

const AT_ONCE = 32
const FEW = 16

/**
 * Keeps pipes ready for commands. Node's own pipes are sockets, which a command cannot open by name (`echo x
 * >/dev/stderr`). Named pipes that are removed as soon as they are open work instead, and one `mkfifo` process creates
 * many. Linux only: the second end is opened through `/proc`, so that no name is looked up twice.
 */
export function keepOutputPipes(target: {
  readonly directory: string
  readonly env: Readonly<Record<string, string>>
}): OutputPipes {
  const ready: OutputPipe[] = []
  let making = false

  async function make(): Promise<void> {
    making = true
    try {
      ready.push(...(await makePipes(target)))
    } catch {
      // The disk is full, no process can be started, or there is no `mkfifo`. Commands then do without these pipes.
    } finally {
      making = false
    }
  }

  const refill = () => {
    if (!making && ready.length < FEW && process.platform === 'linux') void make()
  }
  refill()
  return {
    take() {
      const [stdout, stderr] = ready.length < 2 ? [] : ready.splice(0, 2)
      refill()
      return stdout && stderr && { stdout, stderr }
    },
  }
}

async function makePipes({
  directory,
  env,
}: Parameters<typeof keepOutputPipes>[0]): Promise<readonly OutputPipe[]> {
  const aside = mkdtempSync(join(directory, '.pipes-'))
  try {
    const names = Array.from({ length: AT_ONCE }, (_, index) => String(index))
    const child = spawn('mkfifo', names, { cwd: aside, env, stdio: 'ignore' })
    const [code] = await once(child, 'exit')
    return code === 0 ? names.flatMap((name) => openPipe(join(aside, name)) ?? []) : []
  } finally {
    rmSync(aside, { recursive: true, force: true })
  }
}

function openPipe(path: string): OutputPipe | undefined {
  const { O_RDONLY, O_WRONLY, O_NONBLOCK, O_NOFOLLOW } = constants
  const read = openSync(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW)
  try {
    if (fstatSync(read).isFIFO()) return { read, write: openSync(`/proc/self/fd/${read}`, O_WRONLY) }
  } catch {
    // Treat it as if it were no pipe.
  }
  closeSync(read)
  return undefined
}
