import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Shell } from '../sandbox.ts'

/** HOME in the host's shell. It does not exist and no one can create it, not even root in an unconfined sandbox. */
export const HOST_HOME = '/proc/nonexistent'

/** A login shell of bash reads the first of these that exists. */
export const PROFILES = ['.bash_profile', '.bash_login', '.profile']

/**
 * Starts bash with these arguments and with what the user's profile exports, but drops what the profile prints. `bash
 * -l` will not do: it also reads `/etc/profile`, which replaces the PATH that the sandbox was made with.
 */
export const AFTER_PROFILE = `for file in ${PROFILES.map((name) => `~/${name}`).join(' ')}; do
  if [ -r "$file" ]; then . "$file" >/dev/null 2>&1 </dev/null; break; fi
done
exec "$BASH" --noprofile --norc "$@"`

/**
 * The arguments with which bash runs a command in one of the two shells. `--norc`, because bash reads `~/.bashrc` even
 * for `-c` when its stdin is a socket, since it then takes itself for a remote shell.
 *
 * @param home of the sandbox's user.
 */
export function bashArguments(shell: Shell, command: string, home: string): readonly string[] {
  const hasProfile = shell === 'agent' && PROFILES.some((name) => existsSync(join(home, name)))
  return ['--noprofile', '--norc', ...(hasProfile ? ['-c', AFTER_PROFILE, 'bash'] : []), '-c', command]
}
