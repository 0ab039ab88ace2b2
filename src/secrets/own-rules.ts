import { findJsonWebToken } from './find-json-web-token.ts'
import { findKeyRest } from './find-key-rest.ts'
import { findKubernetesSecret } from './find-kubernetes-secret.ts'
import { findCurlUser, findUrlPassword } from './find-login.ts'
import { findPassword } from './find-password.ts'
import { findPrivateKey } from './find-private-key.ts'
import type { AssignedRule, SecretRule, SpecialRule, TokenRule } from './rule.ts'

function token(
  id: string,
  name: string,
  rest: Pick<TokenRule, 'keywords' | 'pattern'> &
    Partial<Pick<TokenRule, 'entropy' | 'before' | 'atWordStart' | 'rest' | 'leastFound'>>,
): TokenRule {
  return { form: 'token', id, name, ...rest }
}

function assigned(
  id: string,
  name: string,
  rest: Pick<AssignedRule, 'keywords' | 'identifier' | 'value'>,
): AssignedRule {
  return { form: 'assigned', id, name, entropy: 3, ignoreCase: true, ...rest }
}

function special(id: string, name: string, rest: Pick<SpecialRule, 'keywords' | 'find'>): SpecialRule {
  return { form: 'special', id, name, ...rest }
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'

/**
 * GitHub's installation tokens carry a JSON web token (`ghs_<app>_<jwt>`, about 520 characters with `.`, `_` and `-`):
 * https://github.blog/changelog/2026-04-24-github-app-installation-tokens-per-request-override-header/
 */
const GITHUB = {
  pattern: String.raw`gh[oprsu]_(?:[A-Za-z0-9]{36}|[A-Za-z0-9]{1,20}_[\w-]{30})`,
  rest: String.raw`(?:[\w-]|\.(?=[\w-]))*`,
}

/** What gitleaks' rules lack, or can only say with a pattern that searches far. */
export const OWN_RULES: readonly SecretRule[] = [
  token('github-app-token', 'GitHub token', { keywords: ['ghu_', 'ghs_'], ...GITHUB }),
  token('github-pat', 'GitHub token', { keywords: ['ghp_'], ...GITHUB }),
  token('github-oauth', 'GitHub token', { keywords: ['gho_'], ...GITHUB }),
  token('github-refresh-token', 'GitHub token', { keywords: ['ghr_'], ...GITHUB }),
  token('backspace-api-token', 'API token of Backspace', {
    keywords: ['bsp_'],
    pattern: String.raw`bsp_[\w-]{49}`,
  }),
  token('github-fine-grained-pat', 'GitHub token', {
    keywords: ['github_pat_'],
    pattern: String.raw`github_pat_\w{22,255}`,
  }),
  token('anthropic-api-key', 'Anthropic key', {
    keywords: ['sk-ant-'],
    pattern: String.raw`sk-ant-[\w-]{16,200}`,
    leastFound: 90,
  }),
  token('openai-api-key', 'OpenAI key', {
    keywords: ['sk-proj-', 'sk-svcacct-', 'sk-admin-'],
    pattern: String.raw`sk-(?:proj|svcacct|admin)-[\w-]{16,250}`,
    leastFound: 40,
  }),
  token('openai-api-key', 'OpenAI key', {
    keywords: ['t3blbkfj'],
    before: 23,
    pattern: 'sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}',
  }),
  // Also of DeepSeek and of the many services that copy the form.
  token('sk-api-key', 'API key', {
    keywords: ['sk-'],
    atWordStart: true,
    pattern: '(?:sk-(?:[A-Za-z0-9]{48}|[0-9a-f]{32}))(?![A-Za-z0-9])',
  }),
  {
    ...token('aws-access-token', 'AWS access key', {
      keywords: ['a3t', 'akia', 'asia', 'abia', 'acca'],
      atWordStart: true,
      pattern: '(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])',
    }),
    allowed: [{ target: 'secret', patterns: ['EXAMPLE$'], stopwords: [] }],
  },
  token('openrouter-api-key', 'OpenRouter key', {
    keywords: ['sk-or-v1-'],
    pattern: 'sk-or-v1-[0-9a-f]{64}',
  }),
  token('langfuse-secret-key', 'Langfuse key', { keywords: ['sk-lf-'], pattern: `sk-lf-${UUID}` }),
  token('e2b-api-key', 'E2B key', { keywords: ['e2b_'], pattern: 'e2b_[A-Za-z0-9]{20,80}' }),
  token('langsmith-api-key', 'LangSmith key', {
    keywords: ['lsv2_'],
    pattern: 'lsv2_(?:pt|sk)_[A-Za-z0-9]{32}_[A-Za-z0-9]{10}',
  }),
  token('groq-api-key', 'Groq key', {
    keywords: ['gsk_'],
    atWordStart: true,
    pattern: 'gsk_[A-Za-z0-9]{52}',
  }),
  token('xai-api-key', 'xAI key', { keywords: ['xai-'], pattern: 'xai-[A-Za-z0-9]{70,90}' }),
  token('replicate-api-token', 'Replicate token', {
    keywords: ['r8_'],
    atWordStart: true,
    pattern: 'r8_[A-Za-z0-9]{37}',
  }),
  token('huggingface-access-token', 'Hugging Face token', {
    keywords: ['hf_'],
    atWordStart: true,
    pattern: 'hf_(?:[A-Za-z0-9]{34}(?![A-Za-z0-9_])|(?=[a-z0-9]{0,33}[A-Z])[A-Za-z0-9]{34}(?![A-Za-z0-9]))',
  }),
  token('google-oauth-secret', 'Google OAuth secret', {
    keywords: ['gocspx-'],
    pattern: String.raw`GOCSPX-[\w-]{28}`,
  }),
  token('google-access-token', 'Google access token', {
    keywords: ['ya29.'],
    atWordStart: true,
    pattern: String.raw`ya29\.[\w-]{50,500}`,
  }),
  token('supabase-token', 'Supabase token', {
    keywords: ['sbp_', 'sb_secret_'],
    pattern: String.raw`(?:sbp_[0-9a-f]{40}|sb_secret_[\w-]{31})`,
  }),
  token('docker-pat', 'Docker Hub token', {
    keywords: ['dckr_pat_', 'dckr_oat_'],
    pattern: String.raw`dckr_[po]at_[\w-]{27,40}`,
  }),
  token('tailscale-key', 'Tailscale key', {
    keywords: ['tskey-'],
    pattern: 'tskey-[a-z]{2,9}-[A-Za-z0-9]{8,40}-[A-Za-z0-9]{20,60}',
  }),
  token('figma-token', 'Figma token', { keywords: ['figd_'], pattern: String.raw`figd_[\w-]{40}` }),
  token('buildkite-token', 'Buildkite token', { keywords: ['bkua_'], pattern: 'bkua_[0-9a-f]{40}' }),
  token('circleci-token', 'CircleCI token', {
    keywords: ['ccipat_'],
    pattern: 'CCIPAT_[A-Za-z0-9]{22}_[0-9a-f]{40}',
  }),
  token('doppler-token', 'Doppler token', {
    keywords: ['dp.ct.', 'dp.sa.', 'dp.st.', 'dp.scim.', 'dp.audit.'],
    pattern: String.raw`dp\.(?:ct|sa|st|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}`,
  }),
  token('stripe-webhook-secret', 'Stripe webhook secret', {
    keywords: ['whsec_'],
    pattern: 'whsec_[A-Za-z0-9+/]{32,64}',
  }),
  token('slack-webhook-url', 'Slack webhook', {
    keywords: ['hooks.slack.com'],

    pattern: String.raw`hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{43,56}`,
  }),
  token('discord-webhook-url', 'Discord webhook', {
    keywords: ['/api/webhooks/'],
    pattern: String.raw`/api/webhooks/\d{17,20}/[\w-]{60,72}`,
  }),
  token('discord-bot-token', 'Discord bot token', {
    keywords: ['discord', 'bot '],
    pattern: String.raw`(?:discord[\w. -]{0,24}|bot)(?:[\s'"=:]){1,6}[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,40}`,
  }),
  token('telegram-bot-token', 'Telegram bot token', {
    keywords: ['/bot'],
    pattern: String.raw`/bot\d{8,10}:A[\w-]{34}`,
  }),
  token('microsoft-teams-webhook', 'Teams webhook', {
    keywords: ['webhook.office.com/'],
    pattern: String.raw`webhook\.office\.com/webhookb2/[a-z0-9-]{36}@[a-z0-9-]{36}/IncomingWebhook/[a-z0-9]{32}/[a-z0-9-]{36}`,
  }),
  token('azure-ad-client-secret', 'Azure client secret', {
    keywords: ['q~'],
    before: 4,
    pattern: String.raw`(?<![\w~.-])[\w~.]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])`,
  }),
  token('azure-storage-key', 'Azure storage key', {
    keywords: ['accountkey=', 'sharedaccesskey='],
    pattern: '(?:AccountKey|SharedAccessKey)=([A-Za-z0-9+/]{42,86}={0,2})',
  }),
  token('azure-shared-access-signature', 'Azure shared access signature', {
    keywords: ['sig='],
    atWordStart: true,
    pattern: 'sig=([A-Za-z0-9]{1,43}(?:%[0-9A-Fa-f]{2}[A-Za-z0-9]{0,43}){1,12})',
  }),
  token('sourcegraph-access-token', 'Sourcegraph token', {
    keywords: ['sgp_'],
    pattern: '(?:sgp_(?:[a-fA-F0-9]{16}|local)_[a-fA-F0-9]{40}|sgp_[a-fA-F0-9]{40})(?![A-Za-z0-9])',
  }),
  token('facebook-access-token', 'Facebook token', {
    keywords: ['facebook'],
    pattern: String.raw`facebook[^\n|%]{0,60}?(?<!\d)(\d{15,16}[|%][\w-]{27,40})`,
  }),
  token('atlassian-api-token', 'Atlassian token', {
    keywords: ['atatt3', 'atctt3'],
    pattern: String.raw`AT[AC]TT3[\w=-]{100,250}`,
  }),
  token('authorization-header', 'authorization header', {
    keywords: ['authorization:'],
    entropy: 2.75,
    pattern: String.raw`[Aa]uthorization:[ \t]{0,5}(?:(?:[Bb]asic|[Bb]earer|(?:[Aa]pi-?)?[Tt]oken)[ \t]{1,5})?(?=[\w=~@.+/-]{0,100}[\dA-Z=])([\w=~@.+/-]{8,2000})(?![\w$({<%])`,
  }),
  token('curl-auth-header', 'header for curl', {
    keywords: ['-h ', '-h"', "-h'", '--header'],
    entropy: 2.75,
    pattern: String.raw`(?:-H|--header)(?:=|[ \t]{0,5})["'][A-Za-z-]{0,30}(?:[Kk]ey|[Tt]oken):[ \t]{0,5}([\w=~@.+/-]{8,400})(?=["'])`,
  }),
  token('netrc-password', 'password of a .netrc', {
    keywords: ['machine '],
    entropy: 2,
    pattern: String.raw`machine [\w.-]{1,100}\s{1,4}login \S{1,100}\s{1,4}password (\S{6,200})`,
  }),
  assigned('aws-secret-access-key', 'AWS secret key', {
    keywords: ['aws_secret', 'secret_access_key', 'secretaccesskey', 'aws-secret'],
    identifier: 'aws[_-]secret(?:[_-]access)?[_-]key|aws[_-]secret|secret_?access_?key',
    value: '[A-Za-z0-9/+=]{40}',
  }),
  assigned('sourcegraph-access-token', 'Sourcegraph token', {
    keywords: ['sourcegraph'],
    identifier: 'sourcegraph',
    value: '[a-f0-9]{40}',
  }),
  assigned('atlassian-api-token', 'Atlassian token', {
    keywords: ['atlassian', 'confluence', 'jira'],
    identifier: 'atlassian|confluence|jira',
    value: '[a-z0-9]{20}[a-f0-9]{4}',
  }),
  assigned('twilio-auth-token', 'Twilio auth token', {
    keywords: ['twilio'],
    identifier: 'twilio',
    value: '[a-f0-9]{32}',
  }),
  special('jwt', 'JSON web token', { keywords: ['.ey'], find: findJsonWebToken }),
  special('private-key', 'private key', { keywords: ['-----begin'], find: findPrivateKey }),
  special('private-key', 'rest of a private key', { keywords: ['-----end'], find: findKeyRest }),
  special('url-password', 'URL password', { keywords: ['://'], find: findUrlPassword }),
  special('curl-auth-user', 'password for curl', {
    keywords: ['-u ', '-u"', "-u'", '--user'],
    find: findCurlUser,
  }),
  special('password', 'password', {
    keywords: ['password', 'passwd', 'passphrase', 'pwd', 'secret'],
    find: findPassword,
  }),
  special('kubernetes-secret-yaml', 'Kubernetes secret', { keywords: ['kind:'], find: findKubernetesSecret }),
]
