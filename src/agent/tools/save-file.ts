import { hashBytes } from './hash-bytes.ts'
import type { LocatedPath } from './locate-path.ts'
import { quoteShell } from './quote-shell.ts'
import type { ToolContext } from './tool.ts'

/**
 * Writes a file and remembers it as seen. Its executable bit survives, whichever way the sandbox writes.
 *
 * @throws {SandboxError} when the sandbox is lost or full.
 */
export async function saveFile(
  located: LocatedPath,
  bytes: Uint8Array,
  { sandbox, seenFiles }: ToolContext,
): Promise<void> {
  await sandbox.writeFile(located.absolute, bytes)
  if (located.executable) await sandbox.exec(`chmod +x -- ${quoteShell(located.absolute)}`)
  seenFiles.set(located.relative, hashBytes(bytes))
}
