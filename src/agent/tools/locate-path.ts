import type { Sandbox } from '../../sandbox/sandbox.ts'
import { quoteShell } from './quote-shell.ts'

/** A path of the workspace with every symbolic link followed, and what stands there. */
export interface LocatedPath {
  /** Absolute, inside the sandbox. */
  readonly absolute: string
  /** From the root of the workspace; `.` for the root itself. */
  readonly relative: string
  readonly kind: 'file' | 'directory' | 'missing' | 'other'
  /** Bytes; 0 unless it is a file. */
  readonly size: number
  readonly executable: boolean
}

/**
 * Finds a path that the model named. The links are followed inside the sandbox, because only there do they mean
 * what they mean to the agent's commands.
 *
 * @returns a problem, worded for the model, when the path leaves the workspace or enters `.git`.
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function locatePath(
  { sandbox, workspace, signal }: { sandbox: Sandbox; workspace: string; signal: AbortSignal },
  path: string,
): Promise<LocatedPath | { readonly problem: string }> {
  if (path.includes('\0')) return { problem: 'The path holds a NUL character. Leave it out.' }
  const result = await sandbox.exec(script(path), { cwd: workspace, signal, timeoutMs: 30_000 })
  const [root, kind, size, mode, ...rest] = result.stdout.split('\n')
  const absolute = rest.join('\n').replace(/\n$/, '')
  if (result.exitCode !== 0 || !root || !absolute) {
    return { problem: `${path} cannot be looked up: ${result.stderr.trim() || 'the command failed'}` }
  }
  if (absolute !== root && !absolute.startsWith(`${root}/`)) {
    return {
      problem: `${path} is outside the workspace. Only files below ${workspace} can be used; give a path from its root.`,
    }
  }
  const relative = absolute === root ? '.' : absolute.slice(root.length + 1)
  if (relative.split('/').some((part) => part.toLowerCase() === '.git')) {
    return {
      problem: `${path} belongs to git itself and cannot be read or changed. Use git commands in bash.`,
    }
  }
  return { absolute, relative, kind: toKind(kind), size: Number(size) || 0, executable: mode === 'x' }
}

function script(path: string): string {
  const word = quoteShell(path)
  return [
    `p=$(realpath -m -- ${word}; printf x) && p=\${p%?x} && root=$(realpath -- .) || exit 1`,
    'kind=missing size=0 mode=-',
    'if [ -d "$p" ]; then kind=directory',
    'elif [ -f "$p" ]; then kind=file size=$(stat -c %s -- "$p"); if [ -x "$p" ]; then mode=x; fi',
    'elif [ -e "$p" ]; then kind=other; fi',
    'printf "%s\\n%s\\n%s\\n%s\\n%s\\n" "$root" "$kind" "$size" "$mode" "$p"',
  ].join('\n')
}

function toKind(kind: string | undefined): LocatedPath['kind'] {
  return kind === 'file' || kind === 'directory' || kind === 'missing' ? kind : 'other'
}
