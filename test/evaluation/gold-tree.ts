import { createHash } from 'node:crypto'
import type { Fixture, GoldEdit } from './fixture.ts'

/** Path to mode and git's id of everything that the repository must hold in the end. */
export function goldTree(
  fixture: Fixture,
): Readonly<Record<string, { readonly mode: string; readonly sha: string }>> {
  const { gold, symlinks } = fixture
  const executable = new Set([...fixture.executable, ...gold.executable])
  const files = Object.entries(goldFiles(fixture)).map(([path, bytes]) => [
    path,
    { mode: executable.has(path) ? '100755' : '100644', sha: blobId(bytes) },
  ])
  const links = Object.entries(symlinks).map(([path, target]) => [
    path,
    { mode: '120000', sha: blobId(Buffer.from(target)) },
  ])
  return Object.fromEntries([...files, ...links])
}

function goldFiles({ files: before, crlf, gold }: Fixture): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = { ...before }
  for (const [path, edits] of Object.entries(gold.edit)) {
    const real = gold.at[path] ?? path
    files[real] = edits.reduce(
      (bytes, edit) => apply(bytes, edit, crlf.includes(path)),
      files[real] ?? new Uint8Array(),
    )
  }
  for (const [path, text] of Object.entries(gold.write)) files[path] = Buffer.from(text)
  for (const [from, to] of Object.entries(gold.rename)) files[to] = files[from] ?? new Uint8Array()
  for (const path of [...Object.keys(gold.rename), ...gold.delete]) delete files[path]
  return files
}

/** Byte by byte, as Latin-1: whatever the edit does not name stays as it is, in every encoding. */
function apply(bytes: Uint8Array, [from, to, all]: GoldEdit, crlf: boolean): Uint8Array {
  const latin1 = (text: string) => Buffer.from(crlf ? text.replaceAll('\n', '\r\n') : text).toString('latin1')
  const text = Buffer.from(bytes).toString('latin1')
  const parts = text.split(latin1(from))
  if (all ? parts.length < 2 : parts.length !== 2) throw new Error(`${from} occurs ${parts.length - 1} times`)
  return Buffer.from(parts.join(latin1(to)), 'latin1')
}

function blobId(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
}
