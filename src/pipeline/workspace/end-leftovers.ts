import { randomUUID } from 'node:crypto'
import type { Sandbox } from '../../sandbox/sandbox.ts'

/**
 * Every process whose home is this sandbox's, apart from those that carry our mark (this script, and whatever the
 * sandbox runs it with) and those that started them. By the home, because in an unconfined sandbox there are others
 * of the same user.
 */
const SCRIPT = `
own=" $$ "
up=$$
while [ "\${up:-0}" -gt 1 ]; do
  up=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$up/status" 2>/dev/null)
  own="$own$up "
done
for file in $(grep -lsxzF "HOME=$HOME" /proc/[0-9]*/environ); do
  pid=\${file#/proc/}; pid=\${pid%/environ}
  case "$own" in *" $pid "*) continue;; esac
  if grep -qszxF "TAKE_OVER=$TAKE_OVER" "$file"; then continue; fi
  kill -KILL "$pid" 2>/dev/null
done
true
`

/**
 * Ends what an attempt that died had left running, so that it changes no files under the next one.
 *
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function endLeftovers(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
  await sandbox.exec(SCRIPT, { timeoutMs: 30_000, signal, env: { TAKE_OVER: randomUUID() } })
  signal.throwIfAborted()
}
