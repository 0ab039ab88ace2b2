import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, fstatSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** A pipe of the system, for one stream of one command: two descriptors that the taker closes. */
export interface OutputPipe {
  readonly read: number
  /** Blocks when the pipe is full, as programs expect of their output. */
  readonly write: number
}

export interface OutputPipes {
  /** One for stdout and one for stderr; undefined while there are none. */
  take(): { readonly stdout: OutputPipe; readonly stderr: OutputPipe } | undefined
}

const AT_ONCE = 32
const FEW = 16

/**
 * Keeps pipes ready. What Node calls a pipe is a socket, which a command cannot open by name (`echo x >/dev/stderr`),
 * and Node makes no other; named pipes that lose their names at once serve as well, and one process makes many of them.
 * Only where `/proc` leads from one end to the other, so that no name is looked up twice.
 */
export function keepOutputPipes(place: {
  readonly directory: string
  readonly env: Readonly<Record<string, string>>
}): OutputPipes {
  const ready: OutputPipe[] = []
  let making = false

  async function make(): Promise<void> {
    making = true
    try {
      ready.push(...(await makePipes(place)))
    } catch {
      // No room, no processes left, no such program: commands do without.
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
    // As if it were no pipe.
  }
  closeSync(read)
  return undefined
}
