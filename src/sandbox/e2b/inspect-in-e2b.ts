import { type InspectedPath, type InspectOptions, type Sandbox, SandboxError } from '../sandbox.ts'

/** As much comes with the answer; what is larger costs a second request. */
const INLINE_BYTES = 256 * 1024

/** See `Sandbox.inspect`: a script, because E2B's own API follows no links. */
export async function inspectInE2b(
  { exec, readFile }: Pick<Sandbox, 'exec' | 'readFile'>,
  path: string,
  { cwd, maxBytes, signal }: InspectOptions,
): Promise<InspectedPath> {
  const { exitCode, stdout, stderr } = await exec(SCRIPT, {
    cwd,
    env: { P: path, INLINE: String(Math.min(INLINE_BYTES, maxBytes)) },
    timeoutMs: 30_000,
    ...(signal ? { signal } : {}),
  })
  const [root = '', kind, size, mode, base64 = '', ...rest] = stdout.split('\n')
  const absolute = rest.join('\n').replace(/\n$/, '')
  if (exitCode !== 0 || absolute === '') {
    throw new SandboxError('path_not_found', stderr.trim() || 'The command failed.')
  }
  const found = { root, path: absolute, size: Number(size) || 0, executable: mode === 'x' }
  if (kind !== 'file') return { ...found, kind: kind === 'directory' || kind === 'missing' ? kind : 'other' }
  if (found.size > maxBytes || !absolute.startsWith(`${root}/`)) return { ...found, kind }
  const inline = Buffer.from(base64, 'base64')
  // A file may have changed since it was measured, or not be ours to read.
  const whole = inline.length === found.size ? inline : await readFile(absolute).catch(notFound)
  return { ...found, kind, ...(whole ? { bytes: whole } : {}) }
}

const SCRIPT = `p=$(realpath -m -- "$P"; printf x) && p=\${p%?x} && root=$(realpath -- .) || exit 1
kind=missing size=0 mode=- bytes=
if [ -d "$p" ]; then kind=directory
elif [ -f "$p" ]; then
  kind=file size=$(stat -c %s -- "$p")
  if [ -x "$p" ]; then mode=x; fi
  case $p in "$root"/*) ;; *) INLINE=-1 ;; esac
  if [ "$size" -le "$INLINE" ]; then bytes=$(base64 -w 0 <"$p" 2>/dev/null); fi
elif [ -e "$p" ]; then kind=other; fi
printf '%s\\n%s\\n%s\\n%s\\n%s\\n%s\\n' "$root" "$kind" "$size" "$mode" "$bytes" "$p"`

function notFound(error: unknown): undefined {
  if (error instanceof SandboxError && error.class === 'path_not_found') return undefined
  throw error
}
