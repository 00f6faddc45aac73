// Every word that the popup shows, in German. It addresses nobody: neither „du“ nor „Sie“.

import type { Happening, Kind, SessionKind, Shell } from '../lib/agent';
import type { Age, Span, Unit } from '../lib/time';
import type { Strings } from '.';
import { counting } from './intl';

const locale = 'de-DE';
const { number, plural } = counting(locale);

const keyCount = (count: number): string => plural(count, 'Schlüssel', 'Schlüssel');
const roleCount = (count: number): string => plural(count, 'Rolle', 'Rollen');

/** „3 Schlüssel und 1 Rolle“, or either alone. */
const things = (keys: number, roles: number): string =>
  [keys > 0 || roles === 0 ? keyCount(keys) : '', roles > 0 ? roleCount(roles) : '']
    .filter(Boolean)
    .join(' und ');

/** The dative, as after „vor“ and „seit“: „vor 3 Tagen“. */
const UNITS: Record<Unit, [one: string, several: string]> = {
  minute: ['Minute', 'Minuten'],
  hour: ['Stunde', 'Stunden'],
  day: ['Tag', 'Tagen'],
  week: ['Woche', 'Wochen'],
  month: ['Monat', 'Monaten'],
  year: ['Jahr', 'Jahren'],
};
const lasted = ({ count, unit }: Age): string => plural(count, ...UNITS[unit]);

/** „58 Min.“, „1 Std. 20 Min.“, „42 Sek.“. */
const short = ({ hours, minutes, seconds }: Span): string => {
  if (hours > 0) {
    return minutes > 0 ? `${hours} Std. ${minutes} Min.` : `${hours} Std.`;
  }
  return minutes > 0 ? `${minutes} Min.` : `${seconds} Sek.`;
};

/** „58 Minuten“, „1 Stunde 20 Minuten“, „42 Sekunden“. */
const spoken = ({ hours, minutes, seconds }: Span): string => {
  const inHours = plural(hours, 'Stunde', 'Stunden');
  const inMinutes = plural(minutes, 'Minute', 'Minuten');
  if (hours > 0) return minutes > 0 ? `${inHours} ${inMinutes}` : inHours;
  return minutes > 0 ? inMinutes : plural(seconds, 'Sekunde', 'Sekunden');
};

export const strings: Strings = {
  language: 'Deutsch',
  locale,
  direction: 'ltr',

  product: 'Daypass',
  copied: 'Kopiert. Die Zwischenablage wird bald wieder geleert.',
  wouldLose: 'Noch einmal verwirft, was eingegeben wurde.',
  ago: (age: Age): string => (age.count === 0 ? 'gerade eben' : `vor ${lasted(age)}`),

  panel: {
    close: 'Schließen',
    closeWhat: (what: string): string => `Schließen: ${what}`,
    cancel: 'Abbrechen',
  },

  header: {
    add: 'Hinzufügen',
    addRole: 'Rolle hinzufügen',
    addKey: 'Zugriffsschlüssel hinzufügen',
    import: 'Von diesem Rechner übernehmen',
    back: 'Zurück zur Liste',
    activity: 'Verlauf',
    settings: 'Einstellungen',
  },

  connecting: 'Verbindung zu Daypass wird aufgebaut …',

  vault: {
    lockedTitle: 'Der Schlüsselbund ist gesperrt',
    lockedText: 'Dort liegt der Zugriffsschlüssel. Daypass braucht ihn für die nächste Sitzung.',
    unlock: 'Entsperren',
    unlocking: 'Warten auf den Schlüsselbund …',
    missingTitle: 'Es gibt keinen Schlüsselbund',
    retry: 'Erneut nachsehen',
  },

  lock: {
    title: 'Daypass ist gesperrt',
    unlocked: 'Daypass ist entsperrt',
    text: 'Die Sitzungen sind verworfen, und bis zum Entsperren gibt es keine neuen. Die nächste braucht einen Code.',
    unlock: 'Entsperren',
    first: 'Daypass zuerst entsperren.',
  },

  key: {
    welcome: 'Ein Code am Morgen, AWS den ganzen Tag',
    welcomeText:
      'Zuerst den Zugriffsschlüssel des IAM-Benutzers hinzufügen. Er kommt in den Schlüsselbund dieses Rechners, nie in eine Datei.',
    orType: 'Oder einen Zugriffsschlüssel eingeben',
    title: 'Zugriffsschlüssel hinzufügen',
    titleText: 'Er kommt in den Schlüsselbund dieses Rechners, nie in eine Datei.',
    name: 'Name',
    nameDefault: 'arbeit',
    id: 'Zugriffsschlüssel-ID',
    idExample: 'AKIA…',
    secret: 'Geheimer Zugriffsschlüssel',
    show: 'Zeigen',
    hide: 'Verbergen',
    showSecret: 'Geheimen Zugriffsschlüssel zeigen',
    serial: 'MFA-Gerät',
    optional: 'freiwillig',
    serialExample: 'arn:aws:iam::111122223333:mfa/ada',
    serialHint: 'Der „Identifier“ in der AWS-Konsole unter IAM, „Users“, eigener Name, „Security credentials“.',
    submit: 'Zugriffsschlüssel hinzufügen',
    submitting: 'Wird im Schlüsselbund gespeichert …',
    retype: 'Den geheimen Schlüssel noch einmal eingeben: Abgelehntes behält Daypass nicht.',
    ambientSummary: 'Zugangsdaten dieses Rechners verwenden',
    ambientText: 'Aus der Umgebung, IAM Identity Center oder einem Profil in AWS-Dateien. Nichts wird gespeichert.',
    ambientName: 'Name',
    ambientNameDefault: 'dieser-rechner',
    profile: 'Profil',
    profileExample: 'übliche Reihenfolge',
    ambientSubmit: 'Diese Zugangsdaten verwenden',
    ambientSubmitting: 'Wird hinzugefügt …',
  },

  import: {
    offer: 'Vorhandenes übernehmen',
    offerText: 'Aus AWS-Dateien, aws-vault, Granted oder Leapp. Vorher wird alles gezeigt.',
    foundTitle: 'Auf diesem Rechner gefunden',
    andMore: (count: number): string => `und ${number(count)} weitere`,
    doubtfulLater: (count: number): string =>
      count === 1
        ? '1 Rolle ist vor dem Übernehmen anzusehen.'
        : `${roleCount(count)} sind vor dem Übernehmen anzusehen.`,
    lookFirst: 'Erst ansehen',
    title: 'Vorhandenes übernehmen',
    text: 'Noch ist nichts geändert. Schlüssel kommen in den Schlüsselbund dieses Rechners.',
    looking: 'Suche läuft …',
    nothing: 'Hier gibt es nichts, was Daypass übernehmen könnte.',
    nothingNew: 'Hier gibt es nichts Neues: Daypass hat schon alles.',
    keys: keyCount,
    roles: roleCount,
    showRoles: 'Anzeigen',
    ambient: 'Zugangsdaten dieses Rechners',
    plain: 'im Klartext',
    plainText: (count: number): string =>
      count === 1
        ? 'Ein Schlüssel liegt im Klartext in einer Datei. Er lässt sich dort danach entfernen.'
        : `${number(count)} Schlüssel liegen im Klartext in Dateien. Sie lassen sich dort danach entfernen.`,
    find: 'Suchen',
    findIn: (what: string): string => `Suchen in: ${what}`,
    all: (count: number): string => `Alle ${number(count)}`,
    doubtful: (count: number): string =>
      count === 1 ? '1 Rolle braucht Zustimmung' : `${roleCount(count)} brauchen Zustimmung`,
    doubtfulText:
      'Diese Einstellungen können anderswohin führen als erwartet, wenn jemand anders die Datei geschrieben hat.',
    agree: (count: number): string =>
      count === 1
        ? 'Die Einstellungen sind bekannt. Diese Rolle auch übernehmen.'
        : 'Die Einstellungen sind bekannt. Diese Rollen auch übernehmen.',
    leftAlone: (count: number): string => `${number(count)} bleiben, wo sie sind`,
    known: (keys: number, roles: number): string => `Davon hat Daypass schon ${things(keys, roles)}.`,
    submit: (keys: number, roles: number): string => `${things(keys, roles)} übernehmen`,
    taking: 'Wird übernommen …',
    part: (now: number, of: number): string => `Teil ${number(now)} von ${number(of)}`,
    back: 'Zurück',
    elsewhere: 'An anderen Orten suchen',
    files: {
      config: { label: 'AWS-Konfigurationsdatei', example: '~/.aws/config' },
      credentials: { label: 'AWS-Zugangsdatei', example: '~/.aws/credentials' },
      leapp: { label: 'Exportierter Leapp-Arbeitsbereich', example: '/home/ada/leapp-export.json' },
    },
    keychain: 'Im Schlüsselbund nach Schlüsseln von aws-vault und Granted suchen',
    again: 'Erneut suchen',
    done: 'Übernommen',
    took: (keys: number, roles: number): string => `Neu in Daypass: ${things(keys, roles)}.`,
    failed: (count: number): string =>
      count === 1 ? '1 Eintrag ging nicht' : `${number(count)} Einträge gingen nicht`,
    finish: 'Zu den Rollen',
  },

  steps: {
    label: 'Erste Schritte',
    names: ['Zugriffsschlüssel', 'Rolle', 'Konsole'],
    done: 'erledigt',
  },

  keyHelp: {
    title: 'Woher ein Zugriffsschlüssel kommt',
    steps: [
      {
        title: 'Den Benutzer öffnen',
        text: 'Als IAM-Benutzer an der AWS-Konsole anmelden. IAM, „Users“, den Namen des Benutzers und dort „Security credentials“ öffnen.',
      },
      {
        title: 'Ein MFA-Gerät zuweisen',
        text: '„Assign MFA device“ und „Authenticator app“ wählen. Der „Identifier“ kommt in das Feld oben. Sicherheitsschlüssel und Passkeys gehen dafür nicht.',
      },
      {
        title: 'Den Schlüssel anlegen',
        text: 'Unter „Access keys“ erst „Create access key“, dann „Command Line Interface (CLI)“ wählen. AWS zeigt das Geheimnis nur einmal: beide Teile oben eintragen.',
      },
    ],
    allow: {
      title: 'Rollen erlauben',
      text: 'Wer das Konto verwaltet, öffnet beim Benutzer „Permissions“, „Add permissions“, „Create inline policy“, „JSON“ und fügt dies ein. Mehr braucht Daypass nicht.',
      roles: 'ARNs der Rollen',
      rolesHint: 'Je Zeile einer.',
      replaces: 'Daypass darf das Alter des Schlüssels zeigen und ihn ersetzen',
    },
  },

  roleHelp: {
    title: 'Was AWS dafür braucht',
    text: 'Die Rolle muss dem Benutzer vertrauen, und der Benutzer muss die Rolle annehmen dürfen. Wer das Konto verwaltet, fügt dies ein.',
    first: 'Es steht hier, sobald der ARN der Rolle eingetragen ist.',
    later: 'Mit diesen Einstellungen stehen sie in den Einzelheiten der Rolle, sobald sie hinzugefügt ist.',
  },

  policy: {
    what: 'Richtlinie',
    trust: 'Vertrauensrichtlinie der Rolle',
    user: 'Berechtigungen des Benutzers',
    source: 'Berechtigungen der Rolle davor',
  },

  ready: {
    title: 'Alles bereit',
    text: '{role} im Konto {account}',
    open: 'Konsole öffnen',
    hint: 'Sie öffnet sich im Browser. Wo ein Code nötig ist, wird danach gefragt.',
    roles: 'Zu den Rollen',
  },

  plainKeys: {
    title: 'Schlüssel, die noch im Klartext in einer Datei liegen',
    noneLeft: 'Keiner dieser Schlüssel liegt noch im Klartext in einer Datei',
    text: 'Im Schlüsselbund sind sie jetzt sicher. Programme, die sie aus der Datei lesen, finden sie nach dem Entfernen dort nicht mehr. Das lässt sich rückgängig machen.',
    submit: (count: number): string =>
      count === 0 ? 'Aus der Datei entfernen' : `${keyCount(count)} aus der Datei entfernen`,
    submitting: 'Wird entfernt …',
    removed: (count: number, path: string | null): string =>
      `${keyCount(count)}${path === null ? '' : ` aus ${path}`} entfernt.`,
    undoText: (count: number): string =>
      count === 1
        ? '1 Schlüssel wurde aus seiner Datei entfernt.'
        : `${number(count)} Schlüssel wurden aus ihrer Datei entfernt.`,
    undo: 'Zurücklegen',
    restored: (path: string | null): string =>
      path === null ? 'Zurückgelegt.' : `In ${path} zurückgelegt.`,
  },

  role: {
    title: 'Rolle hinzufügen',
    titleText: 'Eine Rolle, die der Schlüssel annehmen darf, in diesem oder einem anderen Konto.',
    name: 'Name',
    nameExample: 'prod-admin',
    arn: 'ARN der Rolle',
    arnExample: 'arn:aws:iam::111122223333:role/Admin',
    arnHint: 'In der AWS-Konsole unter IAM, Rollen kopieren.',
    identity: 'Erreicht von',
    way: 'Wie lange sie hält',
    kinds: {
      daily: {
        title: 'Ein Code am Tag',
        text: (span: Span): string =>
          `Ein Code öffnet alle solchen Rollen für ${spoken(span)}; ihre Sitzungen erneuern sich von selbst.`,
      },
      long: {
        title: 'Lange Sitzung',
        text: 'Ein Code für jede Sitzung, die dann bis zu 12 Stunden hält, wenn die Rolle es erlaubt.',
      },
    } satisfies Record<SessionKind, { title: string; text: string | ((span: Span) => string) }>,
    more: 'Weitere Einstellungen',
    duration: 'Länge der Sitzung',
    durationExample: '1h',
    sessionName: 'Name der Sitzung',
    sessionNameExample: 'Name des IAM-Benutzers',
    externalId: 'Externe ID',
    region: 'Region',
    regionExample: 'eu-west-1',
    destination: 'Die Konsole öffnet',
    destinationExample: 'home oder s3/buckets/logs',
    parts: {
      session: 'Die Sitzung',
      console: 'Die Konsole',
      trust: 'Was die Vertrauensrichtlinie der Rolle verlangen kann',
      less: 'Weniger, als die Rolle erlaubt',
    },
    source: 'Über eine andere Rolle',
    sourceHint: 'Ihr Name hier. AWS gibt dann Sitzungen von höchstens einer Stunde.',
    sourceIdentity: 'Quellidentität',
    sourceIdentityExample: 'ada',
    tags: 'Sitzungs-Tags',
    tagsExample: 'team=data',
    tagsHint: 'Je Zeile eines.',
    transitive: 'Tags an Rollen weitergeben, die über diese erreicht werden',
    policyArns: 'ARNs von Richtlinien',
    policyArnsExample: 'arn:aws:iam::aws:policy/ReadOnlyAccess',
    policyArnsHint: 'Je Zeile eine. Die Sitzung darf, was sowohl sie als auch die Rolle erlauben.',
    submit: 'Rolle hinzufügen',
    submitting: 'Wird hinzugefügt …',
  },

  wrong: {
    nameMissing: 'Es fehlt ein Name.',
    nameLong: 'Ein Name hat höchstens 128 Zeichen.',
    nameHidden: 'Der Name enthält ein unsichtbares Zeichen.',
    nameDash: 'Ein Name kann nicht mit einem Strich beginnen.',
    nameKnown: 'Eine Rolle dieses Namens gibt es schon.',
    keyId: 'Eine Zugriffsschlüssel-ID sieht aus wie AKIAIOSFODNN7EXAMPLE.',
    keyIdTemporary:
      'Schlüssel, die mit ASIA beginnen, sind befristet. Daypass braucht den dauerhaften, der mit AKIA beginnt.',
    secretMissing: 'Es fehlt der geheime Zugriffsschlüssel.',
    serialUser: (device: string): string =>
      `Das ist der ARN eines Benutzers, nicht eines MFA-Geräts. Gemeint ist vielleicht ${device}.`,
    serialKey:
      'Sicherheitsschlüssel und Passkeys gehen hier nicht. Die Seriennummer einer Authenticator-App oder eines Tokens verwenden.',
    serial: 'Sie sieht aus wie arn:aws:iam::111122223333:mfa/ada, auf einem Token wie GAHT12345678.',
    arn: 'Der ARN einer Rolle sieht aus wie arn:aws:iam::111122223333:role/Admin.',
    duration: 'Als 1h, 90m oder 3600 schreiben.',
    durationDaily: 'Mit einem Code am Tag erlaubt AWS höchstens 1h. Für mehr „Lange Sitzung“ wählen.',
    durationFederated: 'Die Sitzung des eigenen Benutzers dauert zwischen 15m und 36h.',
    sourceUnknown: 'Eine Rolle dieses Namens gibt es hier nicht.',
    sourceLong: 'Über eine andere Rolle erlaubt AWS höchstens 1h. „Ein Code am Tag“ wählen.',
    sourceFederated: 'Die Sitzung des eigenen Benutzers entsteht aus seinem Schlüssel, nicht über eine Rolle.',
    policyArn: 'Der ARN einer Richtlinie sieht aus wie arn:aws:iam::aws:policy/ReadOnlyAccess.',
    policyArnsMany: 'AWS nimmt höchstens 10 Richtlinien.',
    policyMissing: 'Ohne Richtlinie darf die Sitzung des eigenen Benutzers nichts. Mindestens eine nennen.',
    tagForm: 'Jedes Tag wie team=data schreiben.',
    tagTwice: 'Ein Tag steht zweimal da.',
    tagsMany: 'AWS nimmt höchstens 50 Tags.',
    tag: 'Ein Tag hat Buchstaben, Ziffern, Leerzeichen oder eines von _.:/=+-@ und beginnt nicht mit aws:.',
    durationRange: 'Eine Sitzung dauert zwischen 15m und 12h.',
    sessionName: '2 bis 64 Buchstaben, Ziffern oder eines von _+=,.@- und keine Leerzeichen.',
    externalId: '2 oder mehr Buchstaben, Ziffern oder eines von _+=,.@:/- und keine Leerzeichen.',
    region: 'Eine Region sieht aus wie eu-west-1.',
    secretIdMissing: 'Es fehlt das Secret.',
    secretId: '1 bis 512 Buchstaben, Ziffern oder eines von /_+=.@- und keine Leerzeichen.',
    profile: 'Der Name eines Profils ist eine Zeile ohne eckige Klammern.',
    path: 'Den ganzen Pfad schreiben, vom ersten / an.',
    count: 'Eine ganze Zahl von 0 bis 65535 schreiben.',
  },

  list: {
    label: 'Rollen',
    empty: 'Zu diesem Schlüssel gibt es noch keine Rollen.',
    addRole: 'Rolle hinzufügen',
    find: 'Rolle suchen',
    none: 'Keine Rolle hat das in Namen, Konto oder AWS-Namen.',
    found: (count: number): string => `${roleCount(count)} gefunden`,
    more: (count: number): string => `Mehr von ${number(count)} zeigen`,
    favourites: 'Favoriten',
    recent: 'Zuletzt benutzt',
    most: 'Meist benutzt',
    production: 'Produktion',
    account: (id: string): string => `Konto ${id}`,
    identities: 'Schlüssel',
    moreIdentities: (count: number): string => `${number(count)} weitere Schlüssel`,
    menuOf: (name: string): string => `Mehr zu ${name}`,
    favourite: 'Favorit',
    pinned: 'wird stets erneuert',
    details: 'Einzelheiten',
    arn: 'ARN',
    way: 'Sitzung',
    federatedWay: 'Der eigene Benutzer, ohne Rolle',
    source: 'Über',
    identity: 'Schlüssel',
    region: 'Region',
    destination: 'Die Konsole öffnet',
    lastUsed: 'Zuletzt benutzt',
    publishedTo: 'Veröffentlicht in',
    via: 'über {source}',
    viaSpoken: (source: string): string => `über ${source}`,
    federated: 'eigener Benutzer',
    published: 'veröffentlicht',
    removeName: (name: string): string => `${name} entfernen`,
    removeText: '{name} entfernen? Die Sitzung hier endet; in AWS ändert sich nichts.',
    confirmRemove: 'Entfernen',
    keep: 'Behalten',
    openConsole: (role: string, where: string, state: string): string =>
      `Konsole öffnen als ${role}, ${where}, ${state}`,
  },

  menu: {
    open: 'Konsole öffnen',
    'read-only': 'Nur lesend öffnen',
    elsewhere: 'Anderer Dienst, andere Region …',
    link: 'Anmeldelink kopieren',
    environment: (shell: string): string => `Für ${shell} kopieren`,
    copies: 'Etwas anderes kopieren',
    linkPanel: 'Anmeldelink mit Optionen …',
    shellPanel: 'Für eine andere Shell …',
    profile: 'Profil für ~/.aws/config',
    terminal: 'Terminal öffnen',
    renew: 'Jetzt erneuern',
    end: 'Sitzung beenden',
    endAsked: 'Sitzung beenden …',
    favourite: 'Favorit',
    pin: 'Stets erneuern',
    edit: 'Bearbeiten …',
    browser: 'In welchem Browser …',
    account: 'Name und Farbe des Kontos …',
    more: 'Mehr',
    write: 'In ~/.aws/credentials schreiben …',
    publish: 'Im Secrets Manager veröffentlichen …',
    details: 'Einzelheiten',
    remove: 'Entfernen …',
    back: 'Zurück',
  },

  keys: {
    title: 'Tasten',
    show: 'Tasten zeigen',
    caps: {
      ctrl: 'Strg',
      shift: 'Umschalt',
      enter: 'Eingabe',
      escape: 'Esc',
      'up-down': '↑ ↓',
      'page-up': 'Bild ↑',
      'page-down': 'Bild ↓',
      home: 'Pos 1',
      end: 'Ende',
      letters: 'A … Z',
    } as Record<string, string>,
    does: {
      find: 'Rolle suchen',
      next: 'Durch die Liste gehen',
      'page-down': 'Seitenweise durch die Liste',
      first: 'Erste oder letzte Rolle',
      open: 'Konsole öffnen',
      'read-only': 'Konsole nur lesend öffnen',
      menu: 'Alles andere zur Rolle',
      link: 'Anmeldelink kopieren',
      environment: 'Für die Shell kopieren',
      terminal: 'Terminal öffnen',
      renew: 'Jetzt erneuern',
      favourite: 'Favorit, oder nicht mehr',
      pin: 'Stets erneuern, oder nicht mehr',
      clear: 'Suche leeren, zurück, ausblenden',
      help: 'Diese Tasten zeigen',
    } as Record<string, string>,
  },

  done: {
    link: (role: string): string =>
      `Kopiert: Wer den Link hat, kann sich 15 Minuten lang als ${role} anmelden. Die Zwischenablage wird bald wieder geleert.`,
    environment: (role: string): string =>
      `Kopiert: die Sitzung von ${role}. Die Zwischenablage wird bald wieder geleert.`,
    profile: (role: string): string =>
      `Kopiert: ein Profil von ${role}. Die Zwischenablage wird bald wieder geleert.`,
    noReadOnly: (role: string): string => `${role} lässt sich nicht im Nur-Lese-Modus öffnen.`,
    terminal: (role: string): string => `Ein Terminal hat die Sitzung von ${role}.`,
    renewed: (role: string): string => `Die Sitzung von ${role} ist neu.`,
    ended: (role: string): string =>
      `Die Sitzung von ${role} ist hier beendet. Was Programme davon haben, gilt, bis es abläuft.`,
    favourite: (role: string): string => `${role} steht jetzt oben.`,
    notFavourite: (role: string): string => `${role} ist kein Favorit mehr.`,
    pinned: (role: string): string => `${role} wird stets erneuert.`,
    unpinned: (role: string): string => `${role} wird nur erneuert, solange sie benutzt wird.`,
    opensIn: (name: string, browser: string): string => `${name} öffnet sich in ${browser}.`,
    account: 'Gespeichert.',
    added: (name: string): string => `${name} ist hinzugefügt.`,
    removed: (name: string): string => `${name} ist entfernt.`,
  },

  edit: {
    title: 'Bearbeiten',
    text: 'Die meisten Änderungen beenden ihre Sitzung. Die nächste braucht vielleicht einen Code.',
    published: 'Eine andere ARN oder ein anderer Schlüssel beendet ihre Veröffentlichung in Secrets Manager.',
    other: 'Die Rolle ist inzwischen anderswo geändert worden.',
    again: 'Schließen, und die Rolle bearbeiten, wie sie jetzt ist.',
    done: (name: string): string => `${name} ist geändert.`,
  },

  end: {
    label: (name: string): string => `Sitzung von ${name} beenden`,
    text: 'Die Sitzung von {name} beenden? Vielleicht benutzen Programme sie gerade. Was sie haben, gilt, bis es abläuft, aber Daypass gibt nichts mehr davon heraus.',
    confirm: 'Sitzung beenden',
  },

  elsewhere: {
    title: 'Anderer Dienst, andere Region',
    service: 'Dienst oder Seite',
    serviceExample: 's3 oder s3/buckets/logs',
    services: 'Oft benutzt',
    region: 'Region',
    readOnly: 'Nur lesend',
    open: 'Öffnen',
    opening: 'Wird geöffnet …',
    signOutTitle: 'Wenn AWS „You must first log out“ sagt',
    signOutText:
      'Ein Browser hält bis zu fünf AWS-Sitzungen. Dies meldet aus allen ab, die dort offen sind; Ungespeichertes darin geht verloren. Mit einem Profil oder Container je Konto ist das nicht nötig.',
    signOut: 'Abmelden und öffnen',
    signingOut: 'Wird abgemeldet …',
  },

  browser: {
    title: 'In welchem Browser',
    text: 'Ein Profil oder Container trennt die Konten, sodass die AWS-Grenze von fünf Sitzungen je Browser nicht stört.',
    scope: 'Für',
    role: 'nur diese Rolle',
    account: 'ihr ganzes Konto',
    legend: 'Browser',
    asAccount: 'Wie beim Konto',
    asSettings: 'Wie in den Einstellungen',
    profile: (browser: string, profile: string): string => `${browser}, Profil ${profile}`,
    container: (browser: string, container: string): string => `${browser}, Container ${container}`,
    looking: 'Browser werden gesucht …',
    gone: (program: string): string => `${program}, auf diesem Rechner nicht vorhanden`,
    save: 'Speichern',
    saving: 'Wird gespeichert …',
  },

  account: {
    title: 'Name und Farbe des Kontos',
    name: 'Name',
    nameExample: 'Shop',
    colour: 'Farbe',
    colours: {
      none: 'Keine',
      red: 'Rot',
      orange: 'Orange',
      yellow: 'Gelb',
      green: 'Grün',
      teal: 'Türkis',
      blue: 'Blau',
      purple: 'Lila',
      pink: 'Rosa',
    },
    production: 'Produktion',
    productionText: 'Überall in der Liste mit einem Wort gekennzeichnet.',
    save: 'Speichern',
    saving: 'Wird gespeichert …',
  },

  link: {
    title: 'Anmeldelink kopieren',
    text: 'Wer den Link hat, kann sich 15 Minuten lang als {name} anmelden. Nur an jemanden geben, der das darf.',
    readOnly: 'Nur lesend',
    more: 'Wohin er führt',
    duration: 'Angemeldet für',
    durationExample: '8h',
    issuer: 'Führt danach zu',
    issuerExample: 'https://…',
    issuerHint: 'Die Seite für alle, deren Konsolensitzung zu Ende ist.',
    copy: 'Link kopieren',
    copying: 'Der Link wird geholt …',
  },

  shell: {
    title: 'Für eine Shell kopieren',
    text: 'Befehle, die einer Shell die Sitzung von {name} geben. Sie enthalten deren Geheimnisse: nur dort einfügen.',
    legend: 'Shell',
    shells: {
      bash: 'Bash',
      zsh: 'Zsh',
      fish: 'fish',
      powershell: 'PowerShell',
      cmd: 'Eingabeaufforderung',
    } satisfies Record<Shell, string>,
    readOnly: 'Nur lesend',
    copy: 'Kopieren',
    copying: 'Die Sitzung wird geholt …',
  },

  write: {
    title: 'In ~/.aws/credentials schreiben',
    text: 'Das legt die Sitzung von {name} im Klartext auf die Platte. Bis sie endet, kann sie dort jedes Programm desselben Benutzers lesen. Ein Profil von „daypass profiles“ gibt Werkzeugen die Sitzung ohne das.',
    profile: 'Profil',
    submit: 'Im Klartext schreiben',
    submitting: 'Wird geschrieben …',
    written: (path: string): string => `In ${path} geschrieben.`,
  },

  publish: {
    title: 'Im Secrets Manager veröffentlichen',
    text: 'Die Sitzung von {name} wird die neue Version eines Secrets. Wer das Secret lesen darf, hat die Sitzung, bis sie endet.',
    secret: 'Secret',
    secretExample: 'Name oder ARN',
    create: 'Das Secret anlegen, wenn es keines gibt',
    keep: 'Bei jeder Erneuerung wieder veröffentlichen',
    more: 'Weitere Einstellungen',
    writer: 'Geschrieben von der Rolle',
    writerHint: 'Eine andere eigene Rolle, falls diese das Secret nicht schreiben darf.',
    submit: 'Veröffentlichen',
    submitting: 'Wird veröffentlicht …',
    published: (secret: string, left: Span | null): string =>
      left === null
        ? `In ${secret} veröffentlicht.`
        : `In ${secret} veröffentlicht. Gültig noch ${spoken(left)}.`,
    kept: 'Bei jeder Erneuerung veröffentlicht',
    notYet: 'bei der nächsten Erneuerung',
    stop: 'Beenden',
    stopWhat: (secret: string): string => `Veröffentlichen in ${secret} beenden`,
    stopped: (secret: string): string =>
      `In ${secret} wird nicht mehr veröffentlicht. Was dort ist, gilt, bis es abläuft.`,
  },

  identity: {
    details: (name: string): string => `Einzelheiten zu ${name}`,
    age: (age: Age): string =>
      age.unit === 'minute' || age.unit === 'hour'
        ? 'Schlüssel von heute'
        : `Schlüssel seit ${lasted(age)}`,
    replace: 'Schlüssel ersetzen …',
    replaceOf: (name: string): string => `Schlüssel von ${name} ersetzen`,
    user: 'Benutzer',
    keyId: 'Zugriffsschlüssel',
    noKeyId: 'im Schlüsselbund',
    devices: 'MFA',
    noDevices: 'kein Gerät',
    changeDevices: 'MFA-Geräte …',
    devicesOf: (name: string): string => `MFA-Geräte von ${name}`,
    devicesTitle: 'MFA-Geräte',
    devicesText: 'Nach einem neuen Telefon etwa. Der Zugriffsschlüssel bleibt, wie er ist.',
    serials: 'Seriennummern, eine auf jeder Zeile',
    devicesSaved: (name: string): string => `Die MFA-Geräte von ${name} wurden gespeichert.`,
    ambient: 'Zugangsdaten dieses Rechners',
    noMfa: 'kein MFA-Gerät',
    enterCode: 'Code eingeben',
    enterCodeFor: (name: string): string => `Code für ${name} eingeben`,
    remove: 'Entfernen …',
    removeName: (name: string): string => `${name} entfernen`,
    removeText: '{name} und den Schlüssel im Schlüsselbund entfernen? In AWS ändert sich nichts.',
  },

  rotate: {
    title: 'Zugriffsschlüssel ersetzen',
    text: 'AWS macht einen neuen Schlüssel für {name}. Daypass probiert ihn und legt ihn in den Schlüsselbund, erst dann löscht es den alten. Andere Programme mit dem alten Schlüssel kommen danach nicht mehr hinein.',
    submit: 'Schlüssel ersetzen',
    submitting: 'Der Schlüssel wird ersetzt …',
    done: (name: string, id: string): string => `Der Schlüssel von ${name} wurde durch ${id} ersetzt.`,
  },

  session: {
    rotating: 'Schlüssel wird ersetzt …',
    left: (left: Span): string => `noch ${short(left)}`,
    leftSpoken: (left: Span): string => `noch ${spoken(left)}`,
    ending: (left: Span): string => `endet in ${short(left)}`,
    endingSpoken: (left: Span): string => `endet in ${spoken(left)}`,
    active: 'aktiv',
    ready: 'bereit',
    readySpoken: 'bereit zum Öffnen',
    needsCode: 'braucht einen Code',
    waiting: 'wartet auf einen Code',
    getting: 'Sitzung wird geholt …',
    opening: 'Konsole wird geöffnet …',
    ended: 'beendet',
    failed: 'fehlgeschlagen',
    thenCode: 'fragt nach einem Code',
    mfaNone: 'braucht einen Code',
    mfaWaiting: 'wartet auf einen Code',
    mfaChecking: 'wird von AWS geprüft …',
    mfaEnded: 'beendet, braucht einen Code',
    about: (name: string, words: string): string => `${name}: ${words}`,
  },

  code: {
    title: 'Code eingeben',
    label: 'Sechsstelliger Code',
    what: 'Mit dem Schlüssel {identity}, für {purpose}.',
    device: 'MFA-Gerät',
    asks: '{program} wartet auf eine Sitzung von {role}.',
    reported: 'Das System meldet:',
    noProof: 'Jedes Programm kann so heißen, ein Beweis ist das nicht.',
    cancel: 'Abbrechen',
    submit: 'Weiter',
    checking: 'Wird von AWS geprüft …',
    digits: 'Ein Code hat sechs Ziffern.',
    good: (seconds: number): string => `Dieser Code gilt noch ${number(seconds)} s`,
    ending: (seconds: number): string => `Besser auf den nächsten Code warten: ${number(seconds)} s`,
    endingSpoken: 'Dieser Code gilt noch weniger als 10 Sekunden.',
    fresh: 'Das Gerät zeigt einen neuen Code.',
    late: 'Während der Eingabe ist das Gerät zum nächsten Code übergegangen.',
    wait: (seconds: number): string => `Der nächste Code kommt in ${number(seconds)} s.`,
    shown: 'Der Code, den das Gerät gerade zeigt, wurde schon verwendet.',
    held: (seconds: number): string => `Er wird in ${number(seconds)} s gesendet.`,
    waitSpoken: 'Auf den nächsten Code warten. Zur rechten Zeit wird er von selbst gesendet.',
  },

  activity: {
    title: 'Verlauf',
    text: 'Programme heißen, wie das System sie meldet.',
    find: 'Im Verlauf suchen',
    kind: 'Zeigen',
    everything: 'Alles',
    kinds: {
      use: 'Sitzungen für Programme',
      link: 'Links zur Konsole',
      code: 'Codes',
      session: 'Sitzungen von AWS',
      copy: 'Kopierte und geschriebene Sitzungen',
      publish: 'Veröffentlichte Sitzungen',
      key: 'Zugriffsschlüssel',
      setup: 'Identitäten und Rollen',
      lock: 'Sperren',
      other: 'Daypass selbst',
    } satisfies Record<Kind, string>,
    loading: 'Wird gelesen …',
    nothing: 'Noch ist nichts geschehen.',
    none: 'Nichts passt dazu.',
    older: 'Ältere zeigen',
    shown: (count: number): string => `${plural(count, 'Eintrag', 'Einträge')} gezeigt`,
    export: 'Exportieren',
    exportWhat: 'Das Gezeigte als Datei aus JSON-Zeilen exportieren',
    exporting: 'Wird exportiert …',
    exported: (path: string): string => `In ${path} geschrieben.`,
    today: 'Heute',
    yesterday: 'Gestern',
    you: 'Jemand hier',
    daypass: 'Daypass',
    unnamed: 'Ein Programm ohne Namen',
    somebody: 'Jemand',
    failed: 'Fehlgeschlagen:',
    lockedBecause: {
      asked: 'auf Wunsch',
      screen_locked: 'mit dem Bildschirm',
      idle: 'niemand hat es benutzt',
      suspended: 'vor dem Ruhezustand',
    } as Record<string, string>,
    readOnly: 'nur lesend',
    until: (time: string): string => `bis ${time}`,
    again: (times: number, since: string): string =>
      times === 1 ? `noch einmal seit ${since}` : `noch ${number(times)}-mal seit ${since}`,
    profile: (name: string): string => `als Profil ${name}`,
    forRole: (role: string): string => `für ${role}`,
    notImported: (count: number): string =>
      count === 1 ? '1 ließ sich nicht übernehmen' : `${number(count)} ließen sich nicht übernehmen`,
    things,
    unknown: '{event}, was diese Version nicht kennt',
    said: {
      started: 'Daypass {version} wurde gestartet',
      session_started: 'Neue Sitzung von {role}',
      mfa_session_started: 'Neue MFA-Sitzung von {identity}',
      session_failed: '{who} bekam keine Sitzung von {role}',
      credentials_given: '{who} bekam eine Sitzung von {role}',
      code_asked: '{who} brauchte einen Code von {identity}',
      code_accepted: '{who} sandte einen Code von {identity}, und AWS nahm ihn an',
      code_failed: '{who} sandte einen Code von {identity} und bekam keine Sitzung',
      code_dismissed: '{who} gab keinen Code von {identity} ein',
      link_made: {
        browser: '{who} öffnete die Konsole von {role}',
        clipboard: '{who} kopierte einen Konsolenlink von {role}',
        caller: '{who} bekam einen Konsolenlink von {role}',
      },
      link_reused: 'Ein Konsolenlink wurde zweimal verlangt',
      copied: '{who} kopierte eine Sitzung von {role}',
      profile_copied: '{who} kopierte das Profil von {role}',
      terminal_opened: '{who} öffnete ein Terminal als {role}',
      session_ended: '{who} beendete die Sitzung von {role}',
      profile_written: '{who} schrieb eine Sitzung von {role} in ~/.aws/credentials',
      published: '{who} veröffentlichte eine Sitzung von {role} in {secret}',
      publish_failed: '{who} konnte eine Sitzung von {role} nicht in {secret} veröffentlichen',
      publishing_stopped: '{who} beendete das Veröffentlichen von {role} in {secret}',
      key_replaced: '{who} ersetzte den Schlüssel von {identity} durch {key}',
      key_not_replaced: '{who} konnte den Schlüssel von {identity} nicht ersetzen',
      identity_added: '{who} fügte die Identität {identity} hinzu',
      identity_removed: '{who} entfernte die Identität {identity}',
      role_added: '{who} fügte die Rolle {role} hinzu',
      role_changed: '{who} änderte die Rolle {role}',
      identity_changed: '{who} änderte die MFA-Geräte von {identity}',
      settings_changed: '{who} änderte {settings}',
      role_removed: '{who} entfernte die Rolle {role}',
      imported: '{who} übernahm {things}',
      plain_keys_removed: '{who} nahm Schlüssel aus AWS-Dateien',
      plain_keys_restored: '{who} legte Schlüssel in AWS-Dateien zurück',
      locked: 'Daypass wurde gesperrt',
      unlocked: 'Daypass wurde entsperrt',
      lost: '{entries} Einträge gingen verloren, weil die Platte zu langsam war',
    } satisfies Record<Happening, string | Record<'browser' | 'clipboard' | 'caller', string>>,
  },

  settings: {
    title: 'Einstellungen',
    saved: 'Gespeichert',
    stillSet: 'Eingestellt bleibt:',
    defaultStillSet: 'Es bleibt bei der Vorgabe.',
    system: 'Wie das System',
    never: 'nie',
    restart: (what: string): string => `Geändert, und ab dem nächsten Start von Daypass benutzt: ${what}.`,
    nextStart: 'Gilt ab dem nächsten Start von Daypass.',
    file: 'All das steht auch in',
    sessions: {
      title: 'Sitzungen',
      duration: 'Ein Code gilt für',
      durationHint: 'Von 15m bis 36h. Der nächste Code gibt eine Sitzung dieser Länge.',
      warn: 'Minuten Vorwarnung vor dem Ende',
      warnHint: 'Eine Benachrichtigung bittet dann um den nächsten Code.',
    },
    lock: {
      title: 'Sperren',
      text: 'Beim Sperren werden alle Sitzungen verworfen. Laufende Programme bekommen keine neue, bis Daypass entsperrt ist und einen Code hat.',
      now: 'Jetzt sperren',
      screen: 'Mit dem Bildschirm',
      sleep: 'Vor dem Ruhezustand',
      after: 'Nach einer Zeit ohne Nutzung',
      afterHint: 'Etwa 30m oder 2h, in denen niemand eine Sitzung verlangt.',
    },
    window: {
      title: 'Fenster und Start',
      login: 'Bei der Anmeldung starten',
      hide: 'Ausblenden, wenn ein anderes Fenster gewählt wird',
      hideHint: 'Nie, während ein Code oder Schlüssel eingegeben wird.',
      language: 'Sprache',
    },
    shortcut: {
      label: 'Tastenkürzel zum Einblenden',
      record: 'Aufnehmen',
      press: 'Tasten drücken …',
      off: 'Aus',
      hint: 'Eine Taste mit Strg, Alt oder Super. Esc lässt alles, wie es war.',
    },
    browser: {
      title: 'Wo sich Konsolen öffnen',
      program: 'Browser',
      system: 'Standardbrowser',
      profile: 'Profil',
      usual: 'Das übliche',
      container: 'Container',
      none: 'Keiner',
      addOn: 'Firefox öffnet Links nur mit dem Add-on „Open external links in a container“ in einem Container.',
    },
    issuer: 'Wenn eine Konsolensitzung abgelaufen ist',
    issuerHint: 'Die Seite, auf die AWS dann führt.',
    copies: {
      title: 'Shell und Zwischenablage',
      shell: 'Shell für kopierte Sitzungen',
      terminal: 'Terminalprogramm',
      terminalHint: 'Für „Terminal öffnen“.',
      clipboard: 'Sekunden in der Zwischenablage',
    },
    network: {
      title: 'Netzwerk',
      proxy: 'Proxy',
      proxyHint: 'Sonst der aus der Umgebung, etwa HTTPS_PROXY.',
      certificates: 'Vertraute Zertifikate',
      certificatesHint: 'Eine PEM-Datei, neben denen des Systems. Sonst AWS_CA_BUNDLE.',
    },
    endpoints: {
      title: 'Endpunkte',
      text: 'Nur für private Verbindungen und Tests: Was hier steht, wird statt AWS gefragt.',
      set: 'Sitzungen und Anmeldelinks gehen statt an AWS an diese Adressen. Alles leeren, was hier nicht mit Absicht steht.',
      own: 'die von AWS',
      show: 'Adressen',
      names: {
        sts: 'STS',
        iam: 'IAM',
        signin: 'Anmeldung',
        console: 'Konsole',
        secretsmanager: 'Secrets Manager',
      },
    },
  },

  about: {
    title: 'Über Daypass',
    version: (version: string): string => `Version ${version}`,
    text: 'Ein MFA-Code am Morgen, AWS den ganzen Tag. Daypass hält den Zugriffsschlüssel eines IAM-Benutzers im Schlüsselbund dieses Rechners und macht daraus befristete Sitzungen.',
    logOutTitle: '„You must first log out“',
    logOut:
      'Das sagt die AWS-Konsole, wenn der Browser schon bei einem anderen Konto oder einer anderen Rolle angemeldet ist. Im Kontomenü der Konsole „multi-session support“ einschalten, oder jedes Konto in einem eigenen Browserprofil oder Container öffnen. „Abmelden und öffnen“, im Menü einer Rolle unter „Anderer Dienst, andere Region“, beendet alle Sitzungen, die dort offen sind.',
    fiveTitle: 'Fünf Sitzungen zugleich',
    five: 'Mit „multi-session support“ hält ein Browser bis zu fünf Sitzungen. Vor der sechsten aus einer abmelden, oder ein anderes Browserprofil oder einen anderen Container nehmen.',
    page: 'Adresse der AWS-Seite dazu',
    licences: 'Lizenzen',
    licence: 'Daypass darf nach der MIT-Lizenz oder der Apache-Lizenz 2.0 benutzt werden.',
    bundled: 'Wessen Arbeit darin steckt',
    window: 'In diesem Fenster',
    programs: 'In den Programmen',
  },

  examine: {
    title: 'Ist alles in Ordnung?',
    text: 'Prüft Schlüsselbund, Uhr, Netzwerk und Desktop. Der Bericht enthält kein Geheimnis.',
    submit: 'Alles prüfen',
    again: 'Erneut prüfen',
    submitting: 'Wird geprüft …',
    fine: 'Alles ist, wie es sein soll.',
    amiss: (count: number): string =>
      count === 1 ? 'Ein Punkt ist anzusehen.' : `${number(count)} Punkte sind anzusehen.`,
    report: 'Bericht',
    states: { ok: 'In Ordnung', attention: 'Anzusehen', broken: 'Geht nicht' },
  },

  copy: {
    copy: 'Kopieren',
    copyWhat: (what: string): string => `Kopieren: ${what}`,
    copied: 'Kopiert',
    failed: 'Das Kopieren ging nicht. Auswählen und von Hand kopieren.',
  },

  notices: {
    label: 'Hinweise',
    blame: { yours: 'Hier ist etwas zu tun', passing: 'Geht vorbei', ours: 'Ein Fehler in Daypass' },
    dismiss: 'Ausblenden',
    freshCode: 'Neuen Code eingeben',
    dismissWhat: (what: string): string => `Ausblenden: ${what}`,
  },

  footer: {
    endpoints: 'AWS-Endpunkte ersetzt',
    tray: 'Kein Symbol in der Leiste',
    clock: 'Falsche Uhr',
    clockBehind: (minutes: number): string =>
      `Dieser Rechner geht gegenüber AWS ${number(minutes)} Min. nach. Automatische Zeit einschalten. Daypass rechnet solange mit der Uhr von AWS; andere Programme werden vielleicht abgelehnt.`,
    clockAhead: (minutes: number): string =>
      `Dieser Rechner geht gegenüber AWS ${number(minutes)} Min. vor. Automatische Zeit einschalten. Daypass rechnet solange mit der Uhr von AWS; andere Programme werden vielleicht abgelehnt.`,
  },
};
