import {
  type ExecOptions,
  type ExecResult,
  type InspectedPath,
  type InspectOptions,
  SandboxError,
} from '../sandbox.ts'
import type { BoxProcess } from './box-process.ts'

/** The home of every local sandbox, as its commands see it. */
export const SHOWN_HOME = '/home/user'

/**
 * Makes a directory of this machine look like `/home/user` where it cannot be mounted there. Paths are replaced in
 * commands, working directories and environment on the way in, and in output on the way out, so that no path of the
 * host gets out. The content of files stays as it is.
 */
export interface HomeMapping {
  toReal(text: string): string
  toShown(text: string): string
  /**
   * Replaces paths in text that comes in pieces, in which a path may be cut anywhere. `flush` emits text that was held
   * back.
   */
  createShownStream(emit: (text: string) => void): { write(text: string): void; flush(): void }
}

/** @param realHome absolute path without symbolic links. */
export function createHomeMapping(realHome: string): HomeMapping {
  const shown = new RegExp(`(?<![\\w./-])${SHOWN_HOME}(?![\\w.-])`, 'g')
  const toShown = (text: string) => text.replaceAll(realHome, SHOWN_HOME)
  return {
    toReal: (text) => text.replace(shown, () => realHome),
    toShown,
    createShownStream(emit) {
      let held = ''
      return {
        write(text) {
          const mapped = toShown(held + text)
          const keep = overlap(mapped, realHome)
          held = mapped.slice(mapped.length - keep)
          if (mapped.length > keep) emit(mapped.slice(0, mapped.length - keep))
        },
        flush() {
          if (held !== '') emit(held)
          held = ''
        },
      }
    },
  }
}

/** Length of the longest suffix of `text` that is a prefix of `path`. */
function overlap(text: string, path: string): number {
  for (let length = Math.min(text.length, path.length - 1); length > 0; length--) {
    if (path.startsWith(text.slice(-length))) return length
  }
  return 0
}

interface MappedBox {
  readonly process: BoxProcess
  readonly mapping: HomeMapping
}

/** Runs a command with real paths in its text, directory and environment, and shown paths in its output. */
export async function execMapped(
  { process: box, mapping }: MappedBox,
  command: string,
  options: ExecOptions,
): Promise<ExecResult> {
  const { cwd, env, onStdout, onStderr, onStart, ...rest } = options
  const stdout = onStdout && mapping.createShownStream(onStdout)
  const stderr = onStderr && mapping.createShownStream(onStderr)
  const result = await box.exec(mapping.toReal(command), {
    ...rest,
    cwd: cwd === undefined ? undefined : mapping.toReal(cwd),
    env: env && mapValues(env, mapping.toReal),
    onStdout: stdout && ((text) => stdout.write(text)),
    onStderr: stderr && ((text) => stderr.write(text)),
    onStart: onStart && ((look) => onStart(async () => mapping.toShown(await look()))),
  })
  stdout?.flush()
  stderr?.flush()
  return { ...result, stdout: mapping.toShown(result.stdout), stderr: mapping.toShown(result.stderr) }
}

/** Inspects a real path, and returns shown paths. */
export async function inspectMapped(
  { process: box, mapping }: MappedBox,
  path: string,
  options: InspectOptions,
): Promise<InspectedPath> {
  const real = { ...options, cwd: mapping.toReal(options.cwd) }
  const found = await withShownPaths(mapping, box.inspect(mapping.toReal(path), real))
  return { ...found, root: mapping.toShown(found.root), path: mapping.toShown(found.path) }
}

/** Waits for a file operation on a real path; an error names the shown path. */
export async function withShownPaths<T>(mapping: HomeMapping, operation: Promise<T>): Promise<T> {
  try {
    return await operation
  } catch (error) {
    if (error instanceof SandboxError) throw new SandboxError(error.class, mapping.toShown(error.message))
    throw error
  }
}

function mapValues(
  record: Readonly<Record<string, string>>,
  map: (text: string) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
}
