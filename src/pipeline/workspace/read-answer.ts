import type { Sandbox } from '../../sandbox/sandbox.ts'

/**
 * Reads the bytes that a script returned with `LOOK_ANSWER`.
 *
 * @param printed the line that the script printed.
 * @param path the path that the script had as `ANSWER`.
 * @throws {SandboxError} when the sandbox is lost, or when the file is missing.
 */
export async function readAnswer(
  sandbox: Sandbox,
  printed: string,
  { path, signal }: { readonly path: string; readonly signal: AbortSignal },
): Promise<Uint8Array> {
  const [kind, base64 = ''] = printed.split(' ')
  return kind === 'inline' ? Buffer.from(base64, 'base64') : sandbox.readFile(path, { signal })
}
