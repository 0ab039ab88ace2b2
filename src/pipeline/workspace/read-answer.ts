import type { Sandbox } from '../../sandbox/sandbox.ts'

/**
 * The bytes that a script gave with `LOOK_ANSWER`.
 *
 * @param printed its line.
 * @param path what the script had as `ANSWER`.
 * @throws {SandboxError} when the sandbox is lost, or the file is not there.
 */
export async function readAnswer(
  sandbox: Sandbox,
  printed: string,
  { path, signal }: { readonly path: string; readonly signal: AbortSignal },
): Promise<Uint8Array> {
  const [kind, base64 = ''] = printed.split(' ')
  return kind === 'inline' ? Buffer.from(base64, 'base64') : sandbox.readFile(path, { signal })
}
