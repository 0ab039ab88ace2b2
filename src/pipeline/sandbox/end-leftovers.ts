import { randomUUID } from 'node:crypto'
import type { Sandbox } from '../../sandbox/sandbox.ts'

/**
 * Ends every process whose home is that of this sandbox, in either shell, except those with the mark TAKE_OVER (this
 * script and the processes that run it) and their parents. The home identifies processes, because outside of an
 * unconfined sandbox the same user has other processes.
 */
const SCRIPT = `
own=" $$ "
ended=
up=$$
while [ "\${up:-0}" -gt 1 ]; do
  up=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$up/status" 2>/dev/null)
  own="$own$up "
done
for file in $(grep -lsxzF -e "HOME=$OWN_HOME" -e "BACKSPACE_HOME=$OWN_HOME" /proc/[0-9]*/environ); do
  pid=\${file#/proc/}; pid=\${pid%/environ}
  case "$own" in *" $pid "*) continue;; esac
  if grep -qszxF "TAKE_OVER=$TAKE_OVER" "$file"; then continue; fi
  kill -KILL "$pid" 2>/dev/null && ended="$ended $pid"
done
# The kernel takes a moment. One that has ended and was not waited for has no environment any more.
for try in 1 2 3 4 5 6 7 8 9 10; do
  left=
  for pid in $ended; do if grep -qsz . "/proc/$pid/environ"; then left=1; fi; done
  if [ -z "$left" ]; then break; fi
  sleep 0.1
done
true
`

/**
 * Ends the processes that a dead attempt left running, so that they cannot change files during the next attempt.
 *
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function endLeftovers(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
  await sandbox.exec(SCRIPT, {
    timeoutMs: 30_000,
    signal,
    env: { TAKE_OVER: randomUUID(), OWN_HOME: sandbox.home },
  })
  signal.throwIfAborted()
}
