import { type ExecOptions, type ExecResult, SandboxError } from '../sandbox.ts'
import type { BoxProcess } from './box-process.ts'
import type { HomeMapping } from './home-mapping.ts'

/** Runs a command with the paths in its text, directory and environment made real, and those in its output shown. */
export async function execMapped(
  { process: box, mapping }: { readonly process: BoxProcess; readonly mapping: HomeMapping },
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
