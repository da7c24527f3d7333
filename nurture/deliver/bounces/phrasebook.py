"""What mail servers say, by reason: the phrases that `phrases` looks for, in the order in which it does.

Each reason has alternatives of a regular expression, without regard to case. Addresses and host names are
taken out of the words beforehand. Written down from what servers say in the world, and checked against what
the tables of Sisimai list (github.com/sisimai/rb-sisimai, lib/sisimai/reason, rhost and lhost; BSD 2-Clause):
the facts are from there too, the alternatives our own. A phrase that is missing is added to its reason, and
its server's reply to the tests.
"""

from __future__ import annotations

OURS = {
    "norelaying": (
        r"relay(?:ing)? (?:\w+ )?(?:access )?(?:is )?(?:not |was )?(?:denied|permitted|allowed|"
        r"prohibited)",
        r"(?:unable|not permitted|not allowed|not authori[sz]ed|refus\w+|insecure|cannot|can't) "
        r"(?:to |mail )*relay",
        r"(?:no|not|never|do not|does not|don't) (?:open )?relay|open relay|relay (?:not|denied|prohib)",
        r"rcpthosts|allowed to be relayed|not a local domain",
        r"domain (?:is )?not (?:hosted|local|handled) here|that domain isn't (?:in my|allowed)",
        r"not allowed to send to .*non-local",
        r"send\w* to (?:a )?(?:remote|non-local|external) (?:e-?mail )?address|(?:as a|mail) relay",
        r"smtp relay error|not (?:a )?gateway|use .{0,20}authenticat\w+ .{0,20}relay|relaying (?:mail )?to",
    ),
    "requireptr": (
        r"\bptr\b|reverse (?:dns|lookup|hostname|mapping|ip)|no reverse|\brdns\b|without reverse",
        r"(?:cannot|could not|unable to) (?:find|resolve|verify) (?:your|the|client) ?(?:reverse|"
        r"host|ip|address)",
        r"(?:ip|address|hostname|domain|client|host) .{0,40}does(?: not|n't) resolve(?! to a mail)",
        r"forward[- ]confirm|unresolvable (?:relay|host)|fix reverse|hostname (?:lookup|does not match)",
    ),
    "authfailure": (
        r"\bdmarc\b|\bdkim\b|\bspf\b|sender policy framework|sender ?id \(pra\)|senderid",
        r"multiple authentication checks failed|unauthenticated (?:e-?mail|mail|message)",
        r"(?:domain|message|e-?mail|mail) (?:\S+ )?(?:is|was|isn't|could)(?: not|n't)? (?:be "
        r")?authenticated",
        r"fails? (?:the )?(?:domain )?authentication|authentication[- ]results",
    ),
    "badreputation": (r"reputation|senderbase|senderscore|sender score|not (?:yet )?trusted",),
    "toomanyconn": (
        r"too many (?:\w+ )?(?:\w+ )?(?:connections?|sessions?|smtp)",
        r"(?:connection|session)s? (?:rate )?limit",
        r"(?:max|maximum) (?:number of )?(?:\w+ )?(?:connections|sessions)",
        r"exceed\w+ .{0,40}(?:connections|sessions)|connection(?:s)? (?:count|frequency)",
        r"all available (?:ips|lines)|concurren",
    ),
    "ratelimited": (
        r"rate[- ]?limit|throttl",
        r"too many (?:messages|mails|e-?mails|recipients|requests|commands|errors|(?:invalid|non-?existent|"
        r"unknown|bad) \w+)",
        r"sent to too many recipients",
        r"(?:sending|message|mail|send|receiv\w+) (?:rate|too (?:fast|quick|often))",
        r"too (?:fast|quickly|frequent)",
        r"(?:daily|hourly|per (?:day|hour)|day|hour) .{0,30}(?:limit|quota|exceed)|slow(?:ing)? down",
        r"unusual (?:rate|volume)|excessive (?:number|volume|rate|mail)|gr[ea]y-?list",
        r"exceed\w* .{0,30}(?:sending|messages per|limit of|frequency|recipients per)",
        r"deferred due to volume",
    ),
    "notcompliantrfc": (
        r"rfc ?(?:2?822|5322|1652|2047|compl\w+)|non[- ]?compliant|not (?:rfc|standard|compliant)",
        r"multiple (?:\w+ )?addresses in from|duplicate (?:header|from|subject)",
        r"(?:missing|malformed|invalid|illegal|multiple|duplicate|without a valid) .{0,30}header",
        r"bare (?:lf|newline|linefeed)|message is not rfc",
    ),
    "blocked": (
        r"black[- ]?list|block[- ]?list|deny[- ]?list|\bd?n?s?rbls?\b|dnsbl|\bbl\.|spamhaus|spamcop",
        r"sorbs|barracuda|spam ?rats|uceprotect|surriel|njabl|proofpoint|cloudmark|\bs3(?:140|150)\b",
        r"\b(?:cs|ph|hm)\d{2}\b|(?:client )?host (?:\S+ )?(?:rejected|blocked|refused)",
        r"client (?:host )?rejected|bl?ocked (?:by|using|for)",
        r"(?<!not )(?:listed|found) (?:in|at|on|by) (?!.{0,10}(?:address book|directory|domino|public name))",
        r"(?:\bips?\b|ip address|ip-address|hostname|server|network|mail ?host|netblock|(?:your|"
        r"from|this) host) .{0,60}(?:blocked|banned|barred|listed|denied|blacklisted|prohibited|"
        r"refused|rejected(?! recipients)|not (?:allowed|accepted|authori[sz]ed|permitted)|"
        r"temporarily)",
        r"(?:blocked|banned|refus\w+|reject\w+|denied|accept) .{0,25}(?:your )?(?:\bips?\b|ip "
        r"address|netblock|subnet)",
        r"access (?:from ip|denied\W.{0,50}\bip\b)|\b(?:bad|invalid|poor) (?:ip|helo|ehlo)",
        r"dynamic(?:ally)? (?:ip|pool|host|assigned)|(?:helo|ehlo) (?:command )?(?:rejected|was|is|name)",
        r"dial-?up|generic (?:hostname|rdns)|no mail from (?:your|here|you)",
        r"not accept\w* (?:\w+ )?(?:mail|connections?|e-?mail|messages?) from (?:your|you|this|"
        r"dynamic|hosts|\[?ip)",
        r"local access list|on our block",
        r"you are not (?:allowed|authori[sz]ed|permitted|welcome) to (?:connect|use)",
        r"connection (?:refused|rejected|dropped|denied|blocked) (?:from|due|for|because)|email blocked",
        r"mail from .{0,30} blocked|temporarily (?:deferred|rejected) due to|\[?ts0[1-4]\]?",
        r"bad sender ip|unacceptable|no valid recipients from|over ipv6|from unknown (?:host|client)",
        r"\bin (?:helo|ehlo)\b|mismatches client|\bgo away\b|no access from|smtp server of your isp",
        r"open proxy|(?:confirm this|requires confirm)|looks suspiciously like spammer",
    ),
    "virusdetected": (
        r"\bvirus|malware|infected|trojan|ransomware|\bworm\b|malicious|dangerous|phishing",
        r"security policies - mcspam|executable",
    ),
    "spamdetected": (
        r"\bspam\b|\bspamm|\bspamprofil",
        r"\bspam[- ]?(?:like|score|content|message|filter|detected|assassin)|mcspam",
        r"spamassassin|junk ?(?:mail)?\b|unsolicited|\buce\b|bulk (?:e-?)?mail|content[- ]filter|bayes",
        r"considered (?:as )?(?:unwanted|bad)",
        r"(?:message|mail) (?:content|body|text)s? .{0,30}(?:rejected|denied|not (?:acceptable|allowed))",
        r"content rejected|rejected (?:due to|because of|by|for) (?:the )?content|looks like|detected as",
        r"advertis\w+ .{0,20}reject|suspicious|unwanted (?:mail|message|content)|\bhigh probability",
        r"fuzzy|blocked by (?:\w+ )?filter",
    ),
    "failedstarttls": (
        r"must issue a? ?starttls|starttls (?:is )?(?:required|command)",
        r"tls (?:is )?(?:required|handshake|negotiation)|encryption (?:is )?(?:required|needed)",
        r"requires? (?:encryption|tls|starttls|a secure)|certificate",
    ),
    "securityerror": (
        r"auth(?:entication)? (?:is )?(?:required|failed|failure|turned on)",
        r"(?:must|please|need to) (?:first )?(?:log ?in|authenticate)|authentication credentials",
        r"turn on smtp authentication",
        r"not authenticated|unauthenticated senders|pop before smtp|account not subscribed to ses",
        r"insufficient security|password|security (?:check|violation|reason)s?",
    ),
    "rejected": (
        r"sender (?:address |domain |e-?mail )?(?:\S+ )?(?:is |was |has been )?(?:rejected|denied|"
        r"refused|blocked|invalid|not (?:allowed|found|exist|accept\w*|valid)|does(?: not|n't) "
        r"exist|unknown|verif\w+|unverified)",
        r"(?:invalid|bad|bogus|unknown|forged|fake|illegal|undeliverable|refused) (?:sender|mail "
        r"?from|return[- ]path|from)",
        r"mail ?from .{0,40}(?:reject|denied|not (?:accept|allow|permitt)|invalid|required|must|"
        r"unresolv)",
        r"rejected mail from|server rejected mail from|sender ?(?:verify|verification|callback|callout)",
        r"(?:domain|address|hostname) of (?:the )?sender|sender(?:'s)? (?:domain|address|hostname)",
        r"envelope (?:sender|from)|not allowed to send (?:mail |e-?mail )?(?:from|as)",
        r"(?:from|for) this (?:sender|domain) .{0,30}(?:reject|denied|refus)",
        r"\bfrom\b.{0,40}(?:address|domain|header) .{0,20}(?:reject|invalid|not (?:a )?(?:allow|accept|"
        r"exist|valid)|does not)",
        r"null sender|bounces? (?:message|mail)?s? ?(?:are |is )?not (?:accept|allow)|access denied",
        r"server does not accept mail|you are not (?:allowed|authori[sz]ed|permitted) to (?:send|post)",
        r"permission to post|not have permission|e-?mail (?:address )?(?:\S+ )?is not authori[sz]ed",
        r"not a member of",
        r"\bbatv\b|bouncedeny|delivery not authori[sz]ed|[ée]metteur invalide|mail from not owned",
        r"rule imposed|sender is spammer|empty (?:envelope|e-?mail address)",
        r"unsigned dsn|fully qualified e-?mail address",
        r"address is not verified|returned mail not accepted|envelope blocked",
        r"sender not (?:pre-?)?appro|no third-party dsn|e2110|not a registered gateway|invalid domain, see",
    ),
    "policyviolation": (
        r"polic(?:y|ies)|not acceptable|prohibited|disallowed|violat|not permitted by|protocol violation",
        r"rejected by (?:rule|header|administra)|against our|forbidden",
        r"(?<!\] file )attachment",
        r"banned|by (?:company|local|security) (?:rules?)|for (?:policy|administrative) reasons",
        r"administrative(?:ly)? (?:prohib|denied|lock)",
    ),
    "contenterror": (
        r"8-?bit|malformed (?:mime|message|content)",
        r"(?:mime|content|message body|header) (?:error|malform|too (?:long|many)|size)",
        r"conver\w+ (?:required|not)|improper (?:use|8)|charset|line too long|unacceptable content",
        r"\bmime\b",
    ),
}
"""Said of the sender or the mail."""

SOFT = {
    "mailboxfull": (
        r"(?:mail ?box|mail ?folder|inbox|mail ?drop|account|user|recipient|bo[iî]te) .{0,40}\bfull\b",
        r"\bfull mailbox|mail ?box full",
        r"(?:over|exceed\w*|out of|above|beyond|has (?:reached|exceeded)|too much|reached) "
        r".{0,40}(?:quota|storage|space|mailbox limit|mailbox size|disk)",
        r"quota .{0,30}(?:exceed|full|over|reached|violat|limit|used)|quota (?:error|exceed)|over ?quota",
        r"\bquota\b",
        r"(?:insufficient|not enough|no|out of|lack of) (?:\w+ )?(?:disk |mailbox |storage |mail "
        r")?(?:space|storage)(?! .{0,20}system)",
        r"(?:mailbox|account) .{0,40}(?:size|limit|exceed|too (?:large|big)|maximum)",
        r"too (?:many|much) (?:mail|messages) (?:data|in (?:the|mail))|number of messages .{0,30}exceed",
        r"storage (?:limit|exceed|full)|exceed\w* .{0,30}(?:size limit|allocated|max storage)",
        r"zu ?viele mails|local limit|mailbox has (?:reached|exceed)|post(?:fach|box).{0,40}\bvoll",
        r"volle? .{0,10}postfach|bo[iî]te .{0,40}pleine|buz[oó]n .{0,20}lleno|casella .{0,20}piena",
        r"caixa .{0,30}cheia|postvak .{0,20}vol\b|переполнен|容量|满|満杯|一杯|空間|temporarily over",
    ),
    "mesgtoobig": (
        r"(?:message|mail|e-?mail|size|data|attachment|header|body|file)s? .{0,40}(?:too (?:large|"
        r"big)|exceed\w*|larger|over(?:size| the max))",
        r"too (?:large|big) (?:message|mail|for)|(?:size|length) (?:limit|restriction|exceed)",
        r"(?:max|maximum|fixed)\w* .{0,20}(?:message|mail|size)",
        r"exceed\w* .{0,40}(?:size|length|bytes|maximum)|message size|mail size|size of",
    ),
    "suspend": (
        r"(?:account|mail ?box|user|recipient|address|domain|customer|inbox|compte|"
        r"destinataire)\b.{0,60}(?:suspend|disabled|inactiv|not (?:currently )?active|deactivat|"
        r"(?:is|been|currently|temporarily|are) (?:un)?(?:locked|blocked|frozen|closed|archived|"
        r"restricted|terminated|expired|barred)|bloque|desactiv)",
        r"\b(?:disabled|suspended|inactive|deactivated|locked|blocked|frozen|archived|closed|"
        r"dormant|expired|unpaid|discontinued) (?:e-?mail |mail |user |recipient )?(?:account|"
        r"user|mailbox|recipient|address|inbox)",
        r"(?:account|mailbox|mail box) (?:has been )?(?:disabled|locked|frozen|inactive|closed|"
        r"expired|cancell?ed|deactiv)",
        r"recipient suspend|suspended|user (?:is )?(?:over|not) (?:due|paid)|invalid/inactive|not active",
        r"\binactive\b|mailbox disabled|recipient disabled|we(?:'ve| have) turned off",
        r"no longer accept",
        r"temporar(?:il)?y (?:locked|disabled|inactive)|archiv[ée]e|gesperrt|deaktiviert",
        r"停止|中止|停用|冻结|заблокирован",
        r"отключен",
    ),
    "systemfull": (
        r"system .{0,30}(?:full|space|storage|resources)|insufficient system",
        r"requested mail action aborted: exceeded|mail system full|file system|no space left",
    ),
    "systemerror": (
        r"(?:mail|forward\w*|routing|message|delivery|alias|\bmx\b) ?(?:loop|looping)",
        r"loop(?:s|ed|ing)? (?:back|detected|alert|count|for)|too many hops|hop ?count",
        r"(?:local|system|server|mail server|internal|config\w*|database|ldap|db) (?:\w+ "
        r")?(?:configuration )?(?:error|problem|failure|trouble|fault)",
        r"service (?:not|currently|temporarily) (?:available|un)|unable to contact ldap",
        r"(?:currently|temporarily) unavail|unavailable to take delivery|several matches found|hop count",
        r"aliasing/forwarding|can't create|cannot (?:open|append|create|lock|update)|read error",
        r"write error|out of memory|resources? (?:temporarily )?unavailable|duplicated message-id",
        r"interrupted system|not (?:properly )?configured|timed out waiting for",
        r"message can't be delivered|cannot complete|misconfig|maildir|permission denied",
    ),
    "mailererror": (
        r"command (?:died|failed|output|line)|pipe to|\bx-unix\b|mailer error",
        r"exit(?:ed)? (?:status|with|code)|procmail|returned .{0,20}exit|unknown mailer",
        r"mailer \S+ exited|status \d+: ",
    ),
    "networkerror": (
        r"network (?:is )?(?:unreach|error|problem|protocol|partition)",
        r"dns (?:error|lookup|failure|problem|server|timeout)",
        r"(?:name ?server|lookup) (?:failure|error|timeout|failed)|domain name server",
        r"malformed (?:name|dns)|lost connection|connection (?:lost|reset|closed|aborted|dropped|broke)",
        r"temporary lookup|bad dns|couldn't find any host by that name|cname lookup|routing error",
        r"server returned an? (?:invalid|bogus)|loop detected|all .{0,30}mx.{0,40}loop|dnssec",
        r"socket error|remote host closed|dns records for .{0,60}could not be found",
        r"unable to (?:resolve|look ?up) .{0,40}(?:domain|host|mx)",
    ),
    "expired": (
        r"expired|tim(?:ed|e) ?-?out|time (?:limit|over)|retry time",
        r"(?:delivery )?(?:has been |was |is )?delayed|could not be delivered (?:for|within|in)",
        r"(?:too long|been) in (?:the )?queue|queue too long",
        r"(?:(?<!did )not|couldn't|cannot|unable to|failed to|can't) (?:be )?(?:connect|reach|"
        r"contact|establish)",
        r"connection (?:was )?(?:refused|timed|failed)|no route(?! for current)",
        r"(?:host|server|network|destination|domain|system) (?:is |was )?(?:not |un)(?:reach|"
        r"avail|responding|answer|contact)",
        r"not respond|did not (?:accept our|respond|answer)|undeliverable for|undelivered after",
        r"(?:for|within|after) (?:the (?:last|past) )?\d+(?:\.\d+)? (?:hours?|days?|minutes?)",
        r"warning message only|will (?:be )?retr|keep trying|giving up|temporar\w* (?:failure|deferr?al)",
        r"deferred:|cannot send message for|have been trying|stopped trying|reason: delay",
        r"failed \d+ attempts|retries exceeded|find a gateway|no mail servers? .{0,30}reach",
    ),
    "filtered": (
        r"(?:message|mail|e-?mail)s? (?:was |has been |is |were )?(?:rejected|refused|blocked|"
        r"filtered|denied) by (?:the |a )?(?:recipient|user|filter|remote|owner|customer|domain)",
        r"(?:recipient|user|owner) (?:has |have )?(?:refuse[ds]? (?:your|this|mail from|messages "
        r"from)|reject(?:s|ed (?:your|this|the|mail))|denies|blocked|does(?: not|n't) (?:want|"
        r"accept|wish)|only accept|restrict)",
        r"(?:your|this) (?:e-?mail|address|mail) (?:was |is |has been )?(?:rejected|blocked|refused) by",
        r"rejected by a remote mail server|due to extended inactivity|domain filter|filtered",
        r"not (?:on|in) (?:the |my |their )?(?:white|safe|allow|accepted|approved)|whitelist",
        r"only (?:accepts?|receives?) (?:mail|messages) from|closed list|members? only|moderat",
        r"mail filter|rejected by user|blocked by user|rejected (?:message|recipient)\b",
        r"not accepting (?:any )?mail|not found recipient account|cannot route mail to user",
        r"permission from the recipient|受信拒否|拒绝|拒否",
    ),
}
"""Said of a mailbox or a system that takes no mail now."""

HARD = {
    "hasmoved": (
        r"(?:has|have|is|was) (?:been )?(?:moved|replaced|changed|renamed|transferred)",
        r"no forwarding address|new (?:e-?mail )?address|no longer (?:with|working|work|employed|at)",
        r"left (?:the|our) (?:company|organi)|moved to|address changed|forwarding (?:to a remote )?host",
        r"please (?:use|update) .{0,30}address",
    ),
    "notaccept": (
        r"(?:domain|host|server|system) (?:\S+ )?(?:does(?: not|n't)|do not|don't|never) "
        r"(?:accept|receive)s? (?:any )?(?:mail|e-?mail|messages)",
        r"no mail (?:is )?accepted|(?:does not accept|not accept\w*) (?:any )?(?:e-?)?mail\b(?! from)",
        r"smtp (?:service|protocol) returned a permanent error",
        r"recipient (?:domain|host) .{0,20}not accept|invalid (?:mx|mail exchanger)",
        r"no route for current request|no ?smtp|smtp disabled|names? no mail|mail receiving disabled",
        r"seems? to reject all mail",
    ),
    "hostunknown": (
        r"(?:host|domain|server)(?: name|name)? (?:or domain (?:name )?)?(?:is |was |could "
        r")?(?:unknown|not (?:be )?(?:found|known|exist)|does(?: not|n't) exist|invalid|cannot be "
        r"found)",
        r"(?:unknown|no such|invalid|nonexistent|non-existent|unresolvable|bad destination) "
        r"(?:mail )?(?:host|domain)",
        r"nxdomain|host address lookups? failed",
        r"no (?:valid )?(?:mx|mail(?! ?box)|a or mx|a/mx)(?: host| record| server|s)?\b.{0,20}(?:found|"
        r"exist|for|record|available)",
        r"domain (?:must|has no|mentioned|name not|lookup fail)|name or service not known",
        r"no address associated|non-existent hosts|invalid (?:destination )?domain",
        r"(?:could(?: not|n't)|able to) find (?:a |the )?(?:recipient )?(?:host|domain|mx|any)",
        r"address .{0,20}no mx",
        r"bad destination (?:host|system)|host not found",
        r"unable to find .{0,40}(?:domain|host|mx)|unroutable domain|no dns entries for the hostname",
        r"domain .{0,60}(?:n't|not|no longer) (?:exists?|found|be found)|ドメイン.{0,20}(?:存在|見つか)",
        r"illegal host/domain",
    ),
    "userunknown": (
        r"(?:user|recipient|mail ?box|address(?:ee)?|account|rcpt|customer|alias|name|destinat\w+|"
        r"adress\w*)s?\b[^.]{0,60}(?:unknown|undefined|invalid|not (?:be )?(?:found|known|"
        r"exist\w*|listed|valid|recogni[sz]ed|defined|here|registered|available)|n't (?:exist|"
        r"found|be found)|n't an?\b|does ?(?:not|n't) (?:have|exist|appear|belong)|not exist|couldn't "
        r"be found|could not be found|non-?exist|no longer (?:exist|valid|avail|here|on)|"
        r"unava\w{0,3}able|deleted|removed|incorrect|illegal|inconnu|unbekannt|onbekend|desconocid|"
        r"desconhecid|sconosciut|inexist|invalide)",
        r"(?:unknown|no such|not? (?:a )?(?:known|valid|local)|invalid|non[ -]?existent|undefined|"
        r"bad|illegal|unrecogni[sz]ed|incorrect|nonexisting|wrong|undeliverable|unroute?able) "
        r"(?:local |destination |virtual |mail |e-?mail |domain |final |or )*(?:user|recipient|"
        r"mail ?box|address|account|addressee|person|people|alias|customer|rcpt|name|part|destin|"
        r"local-?part|id\b)",
        r"(?:no|not a) (?:mailbox|user|account|recipient|valid user|such|one) (?:here|by that|"
        r"found|with|at|known|registered|in|called|address)",
        r"no such (?:user|person|mailbox|address|recipient|alias|local)|nobody (?:here|by|at)",
        r"not listed in|unrouteable|not (?:a )?known (?:here|user)|is not known|isn't known",
        r"does(?:n't| not) have an? |doesn't exist|does not exist|who are you|no valid recipients?",
        r"recipnotfound|recip(?:ient)?notfound|unknown to (?:me|us)",
        r"mailbox (?:name )?(?:not|un)(?: ?found| ?available|known)|requested action not taken: mailbox",
        r"address (?:rejected|invalid|unknown)|invalid address|recipient (?:address )?rejected",
        r"not (?:a )?valid (?:mail|recipient)|delivery to .{0,30}(?:prohibited|failed: unknown)",
        r"unknown recipient|550 (?:#5\.1\.0 )?address|couldn't be found|wasn't found|can't be found",
        r"user is unknown|not our user|no account|no local|recipient name is not",
        r"is not (?:a )?(?:valid|existing|registered|recogni|one of)|not found at|undeliverable address",
        r"failed to (?:find|route)|can't resolve (?:the )?(?:user|recipient)",
        r"unavailable (?:mail )?user|don't exist|not (?:a )?user of|can't accept user",
        r"rejected recipients|(?:mailbox|user|recipient) not present|recipient(?: is)? not (?:ok|local)",
        r"recipient refuses to accept|recipients? (?:was|were) undeliverable|not in my validrcptto",
        r"recipient cannot be verified",
        r"can(?:not|'t) find (?:recipient|user|mailbox|address)|inconnu|unbekannt|badr(?:cpt|ecipient)to",
        r"missing home directory|envelope recipient has been denied|リストにあり|宛先|存在しな|"
        r"見つかりません|不存在|用户|没有",
        r"不明|не существует|неизвест|не найден|недействител|нет такого|existiert nicht",
        r"nicht (?:gefunden|bekannt|vorhanden)|bestaat niet|niet (?:gevonden|bekend)|n'existe pas",
        r"no existe|não existe|non esiste|nie istnieje|neexistuje|introuvable",
        r"no recipients accepted|mailbox name not allowed|\bno user\b|invalid final delivery user",
        r"unable to find (?:vpopmail )?user|r[ée]pertori[ée]|no se encuentra",
        r"not present in (?:the )?directory|not an active (?:address|user|mailbox)|not e-?mail addresses",
        r"user-?unknown|invalid-recipient|bad_recipient|no mail ?box",
        r"recipients? (?:is|are) not accepted|< ?>:? (?:was )?not found",
        r"no .{0,40}in (?:the )?name directory|mailbox (?:is )?not allowed|reserved by rfc ?2606",
        r"destinatario errato|inesistente|nie ma takiego|no such mail ?drop|mail for that user",
        r"unable to find alias|single label domain|invalid x\.400|nessun utente|551\b.{0,20}not our customer",
        r"desconocid|desconhecid|sconosciut|nieznan|inexist|nepoznat|ok[äa]nd",
    ),
}
"""Said of somebody who is not there."""
