import { posix } from 'node:path'
import { createPathGlob } from '../../text/path-glob.ts'
import type { ToolContext } from './tool.ts'

/** Prints git's attribute, then each `.editorconfig` from the file's folder upwards. */
const ASK = `git check-attr -z working-tree-encoding -- "$P" 2>/dev/null || printf '\\0\\0\\0'; d=$P
while [ "$d" != . ]; do
  d=$(dirname -- "$d"); f=$d/.editorconfig
  if [ -f "$f" ]; then printf '\\0%s\\0' "$d"; head -c 16384 -- "$f"; if grep -qiE '^[[:space:]]*root[[:space:]]*=[[:space:]]*true' -- "$f"; then break; fi; fi
done; true`

/** Encodings for the values of `charset` in `.editorconfig`: https://spec.editorconfig.org. */
const CHARSETS: Readonly<Record<string, string>> = {
  latin1: 'ISO-8859-1',
  'utf-16be': 'UTF-16BE',
  'utf-16le': 'UTF-16LE',
}

/**
 * The encoding that the repository declares for a file: `working-tree-encoding` in `.gitattributes`, else `charset` in the
 * nearest `.editorconfig` with a section for the file. Undefined when none is declared or when it is UTF-8.
 *
 * @param relative path from the root of the workspace.
 */
export async function declaredEncoding(
  relative: string,
  { sandbox, workspace, signal }: Pick<ToolContext, 'sandbox' | 'workspace' | 'signal'>,
): Promise<string | undefined> {
  const { stdout } = await sandbox.exec(ASK, {
    cwd: workspace,
    env: { P: relative, GIT_OPTIONAL_LOCKS: '0' },
    timeoutMs: 10_000,
    signal,
  })
  const [, , attribute = '', ...rest] = stdout.split('\0')
  if (!['', 'unspecified', 'unset', 'set'].includes(attribute)) return attribute
  for (let at = rest.findIndex((part) => part !== ''); at >= 0 && at + 1 < rest.length; at += 2) {
    const [folder = '', text = ''] = [rest[at], rest[at + 1]]
    const charset = charsetFor(posix.relative(folder, relative), text)
    if (charset !== undefined) return CHARSETS[charset]
  }
  return undefined
}

/** The charset of the last section that matches the path. */
function charsetFor(path: string, text: string): string | undefined {
  let found: string | undefined
  let fits = false
  for (const line of text.split('\n').slice(0, 1000)) {
    const trimmed = line.trim()
    if (trimmed.startsWith('[') && trimmed.endsWith(']')) fits = isFor(trimmed.slice(1, -1), path)
    else if (fits) {
      const at = trimmed.indexOf('=')
      if (at > 0 && trimmed.slice(0, at).trim().toLowerCase() === 'charset') {
        found = trimmed
          .slice(at + 1)
          .trim()
          .toLowerCase()
      }
    }
  }
  return found
}

function isFor(pattern: string, path: string): boolean {
  const isName = !pattern.includes('/')
  const wanted = isName ? posix.basename(path) : path
  return alternatives(pattern.replace(/^\//, '').replaceAll('**.', '**/*.')).some((one) =>
    createPathGlob(one)(wanted),
  )
}

/** Expands `*.{a,b}` to `*.a` and `*.b`. Nested braces are taken literally. */
function alternatives(pattern: string): readonly string[] {
  const start = pattern.indexOf('{')
  const end = pattern.indexOf('}', start)
  if (start < 0 || end < 0) return [pattern]
  const choices = pattern
    .slice(start + 1, end)
    .split(',')
    .slice(0, MOST_CHOICES)
  return choices.map((choice) => `${pattern.slice(0, start)}${choice}${pattern.slice(end + 1)}`)
}

const MOST_CHOICES = 100
