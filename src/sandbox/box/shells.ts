import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Shell } from '../sandbox.ts'

/** HOME in the host's shell: it does not exist, and it cannot be made, not even root in an unconfined sandbox. */
export const HOST_HOME = '/proc/nonexistent'

/** A login shell of bash reads the first one of these. */
export const PROFILES = ['.bash_profile', '.bash_login', '.profile']

/**
 * Starts bash with these arguments and with what the user's profile exports, but without what the profile prints. Not
 * `bash -l`: that also reads `/etc/profile`, which forgets the PATH that the sandbox was made with.
 */
export const AFTER_PROFILE = `for file in ${PROFILES.map((name) => `~/${name}`).join(' ')}; do
  if [ -r "$file" ]; then . "$file" >/dev/null 2>&1 </dev/null; break; fi
done
exec "$BASH" --noprofile --norc "$@"`

/**
 * Arguments for bash to run a command in one of the two shells. `--norc`, because bash reads `~/.bashrc` even for `-c`
 * when its stdin is a socket: it then takes itself for a remote shell.
 *
 * @param home of the sandbox's user.
 */
export function bashArguments(shell: Shell, command: string, home: string): readonly string[] {
  const hasProfile = shell === 'agent' && PROFILES.some((name) => existsSync(join(home, name)))
  return ['--noprofile', '--norc', ...(hasProfile ? ['-c', AFTER_PROFILE, 'bash'] : []), '-c', command]
}
