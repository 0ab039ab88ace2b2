import {
  type ExecOptions,
  type ExecResult,
  type InspectedPath,
  type InspectOptions,
  SandboxError,
} from '../sandbox.ts'
import type { BoxProcess } from './box-process.ts'
import type { HomeMapping } from './home-mapping.ts'

interface MappedBox {
  readonly process: BoxProcess
  readonly mapping: HomeMapping
}

/** Runs a command with the paths in its text, directory and environment made real, and those in its output shown. */
export async function execMapped(
  { process: box, mapping }: MappedBox,
  command: string,
  options: ExecOptions,
): Promise<ExecResult> {
  const { cwd, env, onStdout, onStderr, ...rest } = options
  const stdout = onStdout && mapping.createShownStream(onStdout)
  const stderr = onStderr && mapping.createShownStream(onStderr)
  const result = await box.exec(mapping.toReal(command), {
    ...rest,
    ...(cwd === undefined ? {} : { cwd: mapping.toReal(cwd) }),
    ...(env === undefined ? {} : { env: mapValues(env, mapping.toReal) }),
    ...(stdout ? { onStdout: (text: string) => stdout.write(text) } : {}),
    ...(stderr ? { onStderr: (text: string) => stderr.write(text) } : {}),
  })
  stdout?.flush()
  stderr?.flush()
  return { ...result, stdout: mapping.toShown(result.stdout), stderr: mapping.toShown(result.stderr) }
}

/** Inspects a real path; what is found is told as it is shown. */
export async function inspectMapped(
  { process: box, mapping }: MappedBox,
  path: string,
  options: InspectOptions,
): Promise<InspectedPath> {
  const real = { ...options, cwd: mapping.toReal(options.cwd) }
  const found = await withShownPaths(mapping, box.inspect(mapping.toReal(path), real))
  return { ...found, root: mapping.toShown(found.root), path: mapping.toShown(found.path) }
}

/** Waits for a file operation on a real path; a failure names the path as it is shown. */
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
