import type { TokenRule } from './rule.ts'

/** Makes a rule for a secret that its own beginning identifies. */
export function token(
  id: string,
  name: string,
  rest: Pick<TokenRule, 'keywords' | 'pattern'> &
    Partial<Pick<TokenRule, 'entropy' | 'before' | 'atWordStart' | 'rest' | 'leastFound'>>,
): TokenRule {
  return { form: 'token', id, name, ...rest }
}

/** Tokens of cloud, mail, messaging and payment services. */
export const SERVICE_TOKENS: readonly TokenRule[] = [
  token('backspace-api-token', 'API token of Backspace', {
    keywords: ['bsp_'],
    pattern: String.raw`bsp_[\w-]{49}`,
  }),
  token('backspace-share-link', 'Link of Backspace that shows a run', {
    keywords: ['bss_'],
    pattern: String.raw`bss_[\w-]{49}`,
  }),
  {
    ...token('aws-access-token', 'AWS access key', {
      keywords: ['a3t', 'akia', 'asia', 'abia', 'acca'],
      atWordStart: true,
      pattern: '(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])',
    }),
    allowed: [{ target: 'secret', patterns: ['EXAMPLE$'], stopwords: [] }],
  },
  token('google-oauth-secret', 'Google OAuth secret', {
    keywords: ['gocspx-'],
    pattern: String.raw`GOCSPX-[\w-]{28}`,
  }),
  token('google-access-token', 'Google access token', {
    keywords: ['ya29.'],
    atWordStart: true,
    pattern: String.raw`ya29\.[\w-]{50,500}`,
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
  token('telegram-bot-token', 'Telegram bot token', {
    keywords: [':aa'],
    before: 10,
    atWordStart: true,
    pattern: String.raw`\d{10}:AA[\w-]{33}(?![\w-])`,
  }),
  token('gitlab-pat-routable', 'GitLab token', {
    keywords: ['glpat-'],
    pattern: String.raw`glpat-[\w-]{27,300}\.[0-9a-z]{2}\.[0-9a-z]{9}`,
  }),
  token('pinecone-api-key', 'Pinecone key', { keywords: ['pcsk_'], pattern: String.raw`pcsk_\w{60,80}` }),
  token('tavily-api-key', 'Tavily key', {
    keywords: ['tvly-'],
    pattern: 'tvly-(?:dev-|prod-)?[A-Za-z0-9]{32}',
  }),
  token('resend-api-key', 'Resend key', {
    keywords: ['re_'],
    atWordStart: true,
    entropy: 4,
    pattern: String.raw`re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}(?!\w)`,
  }),
  token('neon-api-key', 'Neon key', { keywords: ['napi_'], pattern: 'napi_[a-z0-9]{64}' }),
  token('laravel-app-key', 'key of a Laravel app', {
    keywords: ['base64:'],
    atWordStart: true,
    pattern: 'base64:[A-Za-z0-9+/]{43}=',
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
  token('facebook-access-token', 'Facebook token', {
    keywords: ['facebook'],
    pattern: String.raw`facebook[^\n|%]{0,60}?(?<!\d)(\d{15,16}[|%][\w-]{27,40})`,
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
  token('mailgun-api-key', 'Mailgun key', {
    keywords: ['key-'],
    atWordStart: true,
    pattern: 'key-[0-9a-f]{32}(?![A-Za-z0-9])',
  }),
  token('mailchimp-key', 'Mailchimp key', {
    keywords: ['-us'],
    before: 32,
    atWordStart: true,
    pattern: String.raw`[0-9a-f]{32}-us\d{1,2}(?![A-Za-z0-9])`,
  }),
  token('mapbox-secret-token', 'Mapbox token', {
    keywords: ['sk.ey'],
    atWordStart: true,
    pattern: String.raw`sk\.ey[\w-]{40,200}\.[\w-]{20,40}`,
  }),
  token('firebase-messaging-key', 'Firebase key', {
    keywords: [':apa91b'],
    before: 11,
    pattern: String.raw`[\w-]{11}:APA91b[\w-]{130,180}`,
  }),
  token('notion-secret', 'Notion token', {
    keywords: ['secret_'],
    atWordStart: true,
    pattern: 'secret_[A-Za-z0-9]{43}(?![A-Za-z0-9])',
  }),
  token('aws-session-token', 'AWS session token', {
    keywords: ['fwogzxivyxdz', 'iqojb3jpz2lux2'],
    pattern: '(?:FwoGZXIvYXdz|IQoJb3JpZ2luX2)[A-Za-z0-9+/]{80}',
    rest: '[A-Za-z0-9+/]*={0,2}',
  }),
  token('okta-api-token', 'Okta token', { keywords: ['ssws '], pattern: String.raw`SSWS (00[\w-]{40})` }),
  token('slack-session-token', 'Slack token', {
    keywords: ['xoxc-', 'xoxd-'],
    pattern: String.raw`xox[cd]-[\w%-]{40,400}`,
  }),
  token('square-oauth-secret', 'Square secret', {
    keywords: ['sq0csp-'],
    pattern: String.raw`sq0csp-[\w-]{43}`,
  }),
  token('paypal-access-token', 'PayPal token', {
    keywords: ['access_token$'],
    pattern: String.raw`access_token\$(?:production|sandbox)\$[a-z0-9]{16}\$[0-9a-f]{32}`,
  }),
  token('google-refresh-token', 'Google refresh token', {
    keywords: ['1//0'],
    atWordStart: true,
    pattern: String.raw`1//0[\w-]{40,200}`,
  }),
]
