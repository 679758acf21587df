/**
 * What only somebody asks for who looks for secrets, consoles or known holes; of the decoded path in lower case. What a site may
 * well have for everybody is not here: `/wp-login.php`, `/admin`, `/.well-known/`.
 */
const SENSITIVE = [
  // Files that begin with a dot, and what lies below them.
  /\/\.(?:env|git|svn|hg|bzr|aws|ssh|docker|kube|npmrc|pypirc|netrc|pgpass|my\.cnf|htpasswd|htaccess|bash_history|zsh_history|mysql_history|bashrc|profile|vscode|idea|ds_store|s3cfg|boto|config\/gcloud|composer\/auth\.json|terraform|circleci|travis\.yml|gitlab-ci\.yml|remote-sync\.json|ftpconfig|sftp-config|vault)(?:$|[./_~-])/,
  // Keys, and what has them in it.
  /\/(?:id_rsa|id_dsa|id_ecdsa|id_ed25519|authorized_keys|server\.key|privatekey\.key|credentials\.json|secrets?\.(?:json|ya?ml|env)|service-?account\.json|wp-config\.[^/]{1,20}|wp-config\.php[^/]{1,10}|web\.config|appsettings\.json|local_settings\.py|database\.ya?ml|parameters\.ya?ml|docker-compose(?:\.[a-z]{1,12})?\.ya?ml|dockerfile|terraform\.tfstate|\.?env\.(?:bak|backup|old|save|local|prod|production|dev|example|js))$/,
  /\/wp-config(?:\.php)?[.~_-]/,
  // Copies that were left lying about.
  /^\/[\w.-]{0,60}(?:backup|dump|database|db|site|www|html|public_html|web|old|latest|full)[\w.-]{0,30}\.(?:sql|zip|rar|7z|tar|tgz|gz|bz2|bak|mdb|sqlite3?|dump)$/,
  /\.(?:php|asp|aspx|jsp|py|rb|conf|ini|ya?ml|json|env)(?:\.(?:bak|old|orig|save|swp|swo|txt)|~)$/,
  /\.(?:sql|sqlite3?|mdb)(?:\.(?:gz|zip|bz2))?$/,
  // Consoles, and what tells of the inside.
  /\/(?:phpmyadmin|pma|myadmin|mysqladmin|dbadmin|phppgadmin|adminer)(?:[-_.\d][^/]{0,20})?(?:\/|$|\.php)/,
  /\/(?:phpinfo|php_info|pinfo|info|test|i|p|shell|cmd|c99|r57|wso|b374k|alfa|webshell|x|1|up|uploader)\.php$/,
  /\/(?:server-status|server-info|actuator(?:\/|$)|_profiler|telescope\/requests|debug\/default\/view|elmah\.axd|trace\.axd|jolokia|heapdump|threaddump|_ignition\/execute-solution|_cat\/indices|_cluster\/health|solr\/admin|manager\/html|host-manager\/html|jmx-console|web-console|invoker\/jmxinvokerservlet|druid\/index\.html|nacos\/|geoserver\/|hudson|jenkins\/script|script(?:text)?$|containers\/json$|v2\/_catalog$|druid\/indexer)/,
  // Known holes.
  /\/vendor\/phpunit\/|eval-stdin\.php|\/cgi-bin\/[^?]{0,60}\.(?:sh|cgi|pl)$|\/cgi-bin\/(?:luci|authlogin|\.%)|\/boaform\/|\/hnap1|\/goform\/|\/gponform\/|\/setup\.cgi|\/shell$|\/_next\/\.\.|\/autodiscover\/autodiscover\.json|\/owa\/auth\/x\.js|\/ecp\/current\/|\/remote\/(?:fgt_lang|login)|\/dana-na\/|\/\+cscoe\+\/|\/global-protect\/|\/vpn\/\.\.|\/wp-content\/plugins\/[^/]{1,60}\/readme\.txt$|\/wp-content\/debug\.log$|\/wp-json\/wp\/v2\/users|\/xmlrpc\.php\.|\/sdk\/weblanguage|\/sdk\/weblanguage|\/evox\/about|\/nmaplowercheck|\/nice%20ports|\/hudson|\/\.%2e|\/ws_ftp\.ini$|\/sftp\.json$/,
] as const;

export function isSensitivePath(path: string): boolean {
  if (path.includes('/.well-known/')) return false;
  return SENSITIVE.some((pattern) => pattern.test(path));
}

const LOGIN =
  /\/(?:wp-login\.php|xmlrpc\.php|log-?in|sign-?in|logon|signon|auth(?:enticate)?|session|sessions|oauth\/token|token|user_session|users\/sign_in|account\/login|administrator\/index\.php|j_security_check|api\/auth\/login)\/?(?:\.\w{1,5})?$/;

/** Where people log in; of the decoded path in lower case. */
export function isLoginPath(path: string): boolean {
  return LOGIN.test(path);
}

const SCANNERS =
  /nikto|sqlmap|nmap|masscan|zgrab|nuclei|acunetix|nessus|openvas|wpscan|dirbuster|dirb\b|gobuster|ffuf|fuzz faster|feroxbuster|dirsearch|wfuzz|thc-hydra|w3af|arachni|skipfish|whatweb|joomscan|droopescan|burp ?suite|burpcollaborator|zaproxy|owasp[ _]zap|netsparker|invicti|qualys|jorgee|morfeus|zmeu|muhstik|l9explore|l9tcpid|leakix|jaeles|httpx - open|interactsh|xray|pocsuite|goby|antsword|havij|webinspect|appscan|vega\/|commix|xsstrike|hello,? world\/|mirai|sqlninja|bsqlbf|absinthe|paros\/|webscarab|grabber|gospider|katana|subfinder|projectdiscovery|cgichk|grendel-scan|uil2pn|mj12bot-fake/;

/** A program that looks for holes and says so. */
export function isScannerAgent(userAgent: string): boolean {
  return SCANNERS.test(userAgent.toLowerCase());
}
