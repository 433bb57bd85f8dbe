# bash completion for cim. Made by 'cim help --completion bash'; do not edit.

_cim_takes_value() {
  [[ $1 == @(--acl|--after-log|--arch|--as|--attributes|--author|--backend|--base|--before-log|--ca-file|--cache|--cache-size|--cim-boot|--cim-compression|--completion|--compression|--container|--content|--content-hex|--creds|--depth|--exclude|--hash|--ignore|--image|--in|--language|--log|--made-times|--max-entries|--max-size|--message|--mount-from|--name|--newer|--older|--options|--output|--owner|--package|--parent|--parent-image|--parents-from|--platform|--prefer|--regions|--reparse|--retries|--root|--scale|--sddl|--size|--stall-timeout|--tls-verify|--type|--wait|--writable|-a|-b|-c|-d|-m|-n|-o|-p|-s|-t|-w|-x) ]]
}

_cim() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local verb='' arguments=0 words='' kind='' index
  # Readline splits "--option=value" into three words.
  if [[ $current == '=' ]]; then
    current=''
  elif [[ $previous == '=' ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((index = 1; index < COMP_CWORD; ++index)); do
    if [[ ${COMP_WORDS[index]} == -?* || ${COMP_WORDS[index]} == '=' ||
      ${COMP_WORDS[index - 1]} == '=' ]] || _cim_takes_value "${COMP_WORDS[index - 1]}"; then
      continue
    fi
    case $verb in
      '' | layer | oci | store | hive) verb=${verb:+$verb }${COMP_WORDS[index]} ;;
      *) ((++arguments)) ;;
    esac
  done
  case $verb in
    '') words='create info ls tree stat find cat extract export check diff report files cp mv gc mount umount mounts cleanup help layer oci store hive --json -q --quiet -v --verbose -h --help --version' ;;
    layer) words='import export commit destroy path usage' ;;
    oci) words='import export pull push tags' ;;
    store) words='ls inspect rm gc check usage' ;;
    hive) words='ls get find dump diff check merge' ;;
    'create') words='-m --metadata -b --base -x --exclude --acl --sddl --image --root --arch --language --scale --dry-run --plain-executables --reproducible --wait --max-size --max-entries --json -q --quiet -v --verbose -h --help' ;;
    'info') words='--executables --regions --platform --cache --cache-size --creds --password-stdin --plain-http --tls-verify --ca-file --retries --stall-timeout --json -q --quiet -v --verbose -h --help' ;;
    'ls') words='-l --long -R --recursive -i --ids -k --keep-going --regions --platform --cache --cache-size --creds --password-stdin --plain-http --tls-verify --ca-file --retries --stall-timeout --json -q --quiet -v --verbose -h --help' ;;
    'tree') words='-d --depth --regions -q --quiet -v --verbose -h --help' ;;
    'stat') words='--links --regions --json -q --quiet -v --verbose -h --help' ;;
    'find') words='--package -n --name -t --type -s --size --newer --older --attributes --streams --reparse --owner --sddl --content --content-hex --hash -0 --print0 --json-lines --bodyfile --csv -k --keep-going --regions --platform --cache --cache-size --creds --password-stdin --plain-http --tls-verify --ca-file --retries --stall-timeout --json -q --quiet -v --verbose -h --help' ;;
    'cat') words='--regions --platform --cache --cache-size --creds --password-stdin --plain-http --tls-verify --ca-file --retries --stall-timeout -q --quiet -v --verbose -h --help' ;;
    'extract') words='-m --metadata -k --keep-going --regions --json -q --quiet -v --verbose -h --help' ;;
    'export') words='--compression -k --keep-going --regions --json -q --quiet -v --verbose -h --help' ;;
    'check') words='--deep --packages --regions --json -q --quiet -v --verbose -h --help' ;;
    'diff') words='--ignore --regions --json -q --quiet -v --verbose -h --help' ;;
    'report') words='-o --output --regions --json -q --quiet -v --verbose -h --help' ;;
    'files') words='-0 --print0 -l --long --regions --json -q --quiet -v --verbose -h --help' ;;
    'cp') words='--wait --regions --json -q --quiet -v --verbose -h --help' ;;
    'mv') words='--wait --json -q --quiet -v --verbose -h --help' ;;
    'gc') words='-n --dry-run --wait --json -q --quiet -v --verbose -h --help' ;;
    'layer import') words='-p --parent --parents-from --image --parent-image --write-chain --plain-executables --reproducible --wait --made-times --max-size --max-entries --cim-boot --accept-unverified --json -q --quiet -v --verbose -h --help' ;;
    'layer export') words='-p --parent --image --parent-image --flatten --compression --digest --json -q --quiet -v --verbose -h --help' ;;
    'layer commit') words='-p --parent --image --parent-image --keep-streams --plain-executables --reproducible --wait --made-times --name --base -a --author -m --message --json -q --quiet -v --verbose -h --help' ;;
    'layer destroy') words='--image --wait --json -q --quiet -v --verbose -h --help' ;;
    'layer path') words='--json -q --quiet -v --verbose -h --help' ;;
    'layer usage') words='--image --json -q --quiet -v --verbose -h --help' ;;
    'oci import') words='--platform --name --no-keep-tar --prefer --plain-executables --reproducible --wait --made-times --max-size --max-entries --json -q --quiet -v --verbose -h --help' ;;
    'oci export') words='--as --compression --cim-compression --wait --json -q --quiet -v --verbose -h --help' ;;
    'oci pull') words='--platform --name --no-keep-tar --prefer --plain-executables --reproducible --wait --made-times --max-size --max-entries --creds --password-stdin --plain-http --tls-verify --ca-file --retries --stall-timeout --json -q --quiet -v --verbose -h --help' ;;
    'oci push') words='--platform --as --compression --cim-compression --mount-from --creds --password-stdin --plain-http --tls-verify --ca-file --retries --stall-timeout --json -q --quiet -v --verbose -h --help' ;;
    'oci tags') words='--creds --password-stdin --plain-http --tls-verify --ca-file --retries --stall-timeout --json -q --quiet -v --verbose -h --help' ;;
    'store ls') words='-a --all --json -q --quiet -v --verbose -h --help' ;;
    'store inspect') words='--config --manifest --json -q --quiet -v --verbose -h --help' ;;
    'store rm') words='-f --force --wait --json -q --quiet -v --verbose -h --help' ;;
    'store gc') words='-n --dry-run --wait --json -q --quiet -v --verbose -h --help' ;;
    'store check') words='--deep --json -q --quiet -v --verbose -h --help' ;;
    'store usage') words='--json -q --quiet -v --verbose -h --help' ;;
    'mount') words='-c --container -b --backend -w --writable -f --foreground -o --options --regions --platform --cache --cache-size --creds --password-stdin --plain-http --tls-verify --ca-file --retries --stall-timeout --json -q --quiet -v --verbose -h --help' ;;
    'umount') words='-c --container -l --lazy -q --quiet -v --verbose -h --help' ;;
    'mounts') words='--json -q --quiet -v --verbose -h --help' ;;
    'cleanup') words='-l --lazy -q --quiet -v --verbose -h --help' ;;
    'hive ls') words='-l --long -R --recursive --in --regions --log --as-is --json -q --quiet -v --verbose -h --help' ;;
    'hive get') words='--raw --in --regions --log --as-is --json -q --quiet -v --verbose -h --help' ;;
    'hive find') words='--keys --values --data --in --regions --log --as-is --json -q --quiet -v --verbose -h --help' ;;
    'hive dump') words='--root --utf16 --unicode --comments --in --regions --log --as-is --json -q --quiet -v --verbose -h --help' ;;
    'hive diff') words='--ignore --in --regions --before-log --after-log --as-is --json -q --quiet -v --verbose -h --help' ;;
    'hive check') words='--in --regions --strict --json -q --quiet -v --verbose -h --help' ;;
    'hive merge') words='--json -q --quiet -v --verbose -h --help' ;;
    'help') words='--man --completion --verbs -q --quiet -v --verbose -h --help' ;;
  esac
  case $verb:$arguments in
    'create:0') [[ $current == -* ]] || { words='' kind='images'; } ;;
    'create:1') [[ $current == -* ]] || { words='' kind='files'; } ;;
    'info:0') [[ $current == -* ]] || { words='' kind='images'; } ;;
    'ls:0') [[ $current == -* ]] || { words='' kind='images'; } ;;
    'tree:0') [[ $current == -* ]] || { words='' kind='images'; } ;;
    'stat:0') [[ $current == -* ]] || { words='' kind='images'; } ;;
    'find:0') [[ $current == -* ]] || { words='' kind='images'; } ;;
    'cat:0') [[ $current == -* ]] || { words='' kind='images'; } ;;
    'extract:0') [[ $current == -* ]] || { words='' kind='images'; } ;;
    'extract:2') [[ $current == -* ]] || { words='' kind='directories'; } ;;
    'export:0') [[ $current == -* ]] || { words='' kind='images'; } ;;
    'export:1') [[ $current == -* ]] || { words='' kind='files'; } ;;
    'check:0') [[ $current == -* ]] || { words='' kind='images'; } ;;
    'diff:0') [[ $current == -* ]] || { words='' kind='images'; } ;;
    'diff:1') [[ $current == -* ]] || { words='' kind='images'; } ;;
    'report:0') [[ $current == -* ]] || { words='' kind='images'; } ;;
    'files:0') [[ $current == -* ]] || { words='' kind='files'; } ;;
    'cp:0') [[ $current == -* ]] || { words='' kind='images'; } ;;
    'cp:1') [[ $current == -* ]] || { words='' kind='files'; } ;;
    'mv:0') [[ $current == -* ]] || { words='' kind='images'; } ;;
    'mv:1') [[ $current == -* ]] || { words='' kind='files'; } ;;
    'gc:0') [[ $current == -* ]] || { words='' kind='directories'; } ;;
    'layer import:0') [[ $current == -* ]] || { words='' kind='files'; } ;;
    'layer import:1') [[ $current == -* ]] || { words='' kind='directories'; } ;;
    'layer export:0') [[ $current == -* ]] || { words='' kind='directories'; } ;;
    'layer export:1') [[ $current == -* ]] || { words='' kind='files'; } ;;
    'layer commit:0') [[ $current == -* ]] || { words='' kind='directories'; } ;;
    'layer commit:1') [[ $current == -* ]] || { words='' kind='directories'; } ;;
    'layer destroy:0') [[ $current == -* ]] || { words='' kind='directories'; } ;;
    'layer path:0') [[ $current == -* ]] || { words='' kind='directories'; } ;;
    'layer usage:0') [[ $current == -* ]] || { words='' kind='directories'; } ;;
    'oci import:0') [[ $current == -* ]] || { words='' kind='files'; } ;;
    'oci import:1') [[ $current == -* ]] || { words='' kind='directories'; } ;;
    'oci export:0') [[ $current == -* ]] || { words='' kind='directories'; } ;;
    'oci export:2') [[ $current == -* ]] || { words='' kind='files'; } ;;
    'oci pull:1') [[ $current == -* ]] || { words='' kind='directories'; } ;;
    'oci push:0') [[ $current == -* ]] || { words='' kind='directories'; } ;;
    'store ls:0') [[ $current == -* ]] || { words='' kind='directories'; } ;;
    'store inspect:0') [[ $current == -* ]] || { words='' kind='directories'; } ;;
    'store rm:0') [[ $current == -* ]] || { words='' kind='directories'; } ;;
    'store gc:0') [[ $current == -* ]] || { words='' kind='directories'; } ;;
    'store check:0') [[ $current == -* ]] || { words='' kind='directories'; } ;;
    'store usage:0') [[ $current == -* ]] || { words='' kind='directories'; } ;;
    'mount:0') [[ $current == -* ]] || { words='' kind='images'; } ;;
    'mount:1') [[ $current == -* ]] || { words='' kind='directories'; } ;;
    'umount:0') [[ $current == -* ]] || { words='' kind='images'; } ;;
    'hive ls:0') [[ $current == -* ]] || { words='' kind='files'; } ;;
    'hive get:0') [[ $current == -* ]] || { words='' kind='files'; } ;;
    'hive find:0') [[ $current == -* ]] || { words='' kind='files'; } ;;
    'hive dump:0') [[ $current == -* ]] || { words='' kind='files'; } ;;
    'hive diff:0') [[ $current == -* ]] || { words='' kind='files'; } ;;
    'hive diff:1') [[ $current == -* ]] || { words='' kind='files'; } ;;
    'hive check:0') [[ $current == -* ]] || { words='' kind='files'; } ;;
    'hive merge:0') [[ $current == -* ]] || { words='' kind='files'; } ;;
    'hive merge:1') [[ $current == -* ]] || { words='' kind='files'; } ;;
    'hive merge:2') [[ $current == -* ]] || { words='' kind='files'; } ;;
    'help:0') [[ $current == -* ]] || { words='create info ls tree stat find cat extract export check diff report files cp mv gc mount umount mounts cleanup help layer oci store hive' kind=''; } ;;
  esac
  case "$verb $previous" in
    'create -b') words='' kind='images' ;;
    'create --base') words='' kind='images' ;;
    'create -x') words='' kind='' ;;
    'create --exclude') words='' kind='' ;;
    'create --acl') words='' kind='' ;;
    'create --sddl') words='' kind='' ;;
    'create --image') words='' kind='' ;;
    'create --root') words='' kind='' ;;
    'create --arch') words='' kind='' ;;
    'create --language') words='' kind='' ;;
    'create --scale') words='' kind='' ;;
    'create --wait') words='' kind='' ;;
    'create --max-size') words='' kind='' ;;
    'create --max-entries') words='' kind='' ;;
    'info --regions') words='' kind='directories' ;;
    'info --platform') words='' kind='' ;;
    'info --cache') words='' kind='directories' ;;
    'info --cache-size') words='' kind='' ;;
    'info --creds') words='' kind='' ;;
    'info --tls-verify') words='true false' kind='' ;;
    'info --ca-file') words='' kind='files' ;;
    'info --retries') words='' kind='' ;;
    'info --stall-timeout') words='' kind='' ;;
    'ls --regions') words='' kind='directories' ;;
    'ls --platform') words='' kind='' ;;
    'ls --cache') words='' kind='directories' ;;
    'ls --cache-size') words='' kind='' ;;
    'ls --creds') words='' kind='' ;;
    'ls --tls-verify') words='true false' kind='' ;;
    'ls --ca-file') words='' kind='files' ;;
    'ls --retries') words='' kind='' ;;
    'ls --stall-timeout') words='' kind='' ;;
    'tree -d') words='' kind='' ;;
    'tree --depth') words='' kind='' ;;
    'tree --regions') words='' kind='directories' ;;
    'stat --regions') words='' kind='directories' ;;
    'find --package') words='' kind='' ;;
    'find -n') words='' kind='' ;;
    'find --name') words='' kind='' ;;
    'find -t') words='f d l stream hardlink' kind='' ;;
    'find --type') words='f d l stream hardlink' kind='' ;;
    'find -s') words='' kind='' ;;
    'find --size') words='' kind='' ;;
    'find --newer') words='' kind='' ;;
    'find --older') words='' kind='' ;;
    'find --attributes') words='' kind='' ;;
    'find --reparse') words='' kind='' ;;
    'find --owner') words='' kind='' ;;
    'find --sddl') words='' kind='' ;;
    'find --content') words='' kind='' ;;
    'find --content-hex') words='' kind='' ;;
    'find --hash') words='sha256 sha1 md5' kind='' ;;
    'find --regions') words='' kind='directories' ;;
    'find --platform') words='' kind='' ;;
    'find --cache') words='' kind='directories' ;;
    'find --cache-size') words='' kind='' ;;
    'find --creds') words='' kind='' ;;
    'find --tls-verify') words='true false' kind='' ;;
    'find --ca-file') words='' kind='files' ;;
    'find --retries') words='' kind='' ;;
    'find --stall-timeout') words='' kind='' ;;
    'cat --regions') words='' kind='directories' ;;
    'cat --platform') words='' kind='' ;;
    'cat --cache') words='' kind='directories' ;;
    'cat --cache-size') words='' kind='' ;;
    'cat --creds') words='' kind='' ;;
    'cat --tls-verify') words='true false' kind='' ;;
    'cat --ca-file') words='' kind='files' ;;
    'cat --retries') words='' kind='' ;;
    'cat --stall-timeout') words='' kind='' ;;
    'extract --regions') words='' kind='directories' ;;
    'export --compression') words='none gzip zstd' kind='' ;;
    'export --regions') words='' kind='directories' ;;
    'check --regions') words='' kind='directories' ;;
    'diff --ignore') words='type name data attributes times security extended-attributes reparse streams links' kind='' ;;
    'diff --regions') words='' kind='directories' ;;
    'report -o') words='' kind='files' ;;
    'report --output') words='' kind='files' ;;
    'report --regions') words='' kind='directories' ;;
    'files --regions') words='' kind='directories' ;;
    'cp --wait') words='' kind='' ;;
    'cp --regions') words='' kind='directories' ;;
    'mv --wait') words='' kind='' ;;
    'gc --wait') words='' kind='' ;;
    'layer import -p') words='' kind='directories' ;;
    'layer import --parent') words='' kind='directories' ;;
    'layer import --parents-from') words='' kind='directories' ;;
    'layer import --image') words='' kind='files' ;;
    'layer import --parent-image') words='' kind='files' ;;
    'layer import --wait') words='' kind='' ;;
    'layer import --made-times') words='now zero' kind='' ;;
    'layer import --max-size') words='' kind='' ;;
    'layer import --max-entries') words='' kind='' ;;
    'layer import --cim-boot') words='' kind='' ;;
    'layer export -p') words='' kind='directories' ;;
    'layer export --parent') words='' kind='directories' ;;
    'layer export --image') words='' kind='files' ;;
    'layer export --parent-image') words='' kind='files' ;;
    'layer export --compression') words='none gzip zstd' kind='' ;;
    'layer commit -p') words='' kind='directories' ;;
    'layer commit --parent') words='' kind='directories' ;;
    'layer commit --image') words='' kind='files' ;;
    'layer commit --parent-image') words='' kind='files' ;;
    'layer commit --wait') words='' kind='' ;;
    'layer commit --made-times') words='now zero' kind='' ;;
    'layer commit --name') words='' kind='' ;;
    'layer commit --base') words='' kind='' ;;
    'layer commit -a') words='' kind='' ;;
    'layer commit --author') words='' kind='' ;;
    'layer commit -m') words='' kind='' ;;
    'layer commit --message') words='' kind='' ;;
    'layer destroy --image') words='' kind='files' ;;
    'layer destroy --wait') words='' kind='' ;;
    'layer usage --image') words='' kind='files' ;;
    'oci import --platform') words='' kind='' ;;
    'oci import --name') words='' kind='' ;;
    'oci import --prefer') words='layers cim' kind='' ;;
    'oci import --wait') words='' kind='' ;;
    'oci import --made-times') words='now zero' kind='' ;;
    'oci import --max-size') words='' kind='' ;;
    'oci import --max-entries') words='' kind='' ;;
    'oci export --as') words='layers cim' kind='' ;;
    'oci export --compression') words='none gzip zstd' kind='' ;;
    'oci export --cim-compression') words='none zstd' kind='' ;;
    'oci export --wait') words='' kind='' ;;
    'oci pull --platform') words='' kind='' ;;
    'oci pull --name') words='' kind='' ;;
    'oci pull --prefer') words='layers cim' kind='' ;;
    'oci pull --wait') words='' kind='' ;;
    'oci pull --made-times') words='now zero' kind='' ;;
    'oci pull --max-size') words='' kind='' ;;
    'oci pull --max-entries') words='' kind='' ;;
    'oci pull --creds') words='' kind='' ;;
    'oci pull --tls-verify') words='true false' kind='' ;;
    'oci pull --ca-file') words='' kind='files' ;;
    'oci pull --retries') words='' kind='' ;;
    'oci pull --stall-timeout') words='' kind='' ;;
    'oci push --platform') words='' kind='' ;;
    'oci push --as') words='layers cim' kind='' ;;
    'oci push --compression') words='none gzip zstd' kind='' ;;
    'oci push --cim-compression') words='none zstd' kind='' ;;
    'oci push --mount-from') words='' kind='' ;;
    'oci push --creds') words='' kind='' ;;
    'oci push --tls-verify') words='true false' kind='' ;;
    'oci push --ca-file') words='' kind='files' ;;
    'oci push --retries') words='' kind='' ;;
    'oci push --stall-timeout') words='' kind='' ;;
    'oci tags --creds') words='' kind='' ;;
    'oci tags --tls-verify') words='true false' kind='' ;;
    'oci tags --ca-file') words='' kind='files' ;;
    'oci tags --retries') words='' kind='' ;;
    'oci tags --stall-timeout') words='' kind='' ;;
    'store rm --wait') words='' kind='' ;;
    'store gc --wait') words='' kind='' ;;
    'mount -c') words='' kind='' ;;
    'mount --container') words='' kind='' ;;
    'mount -b') words='fuse erofs auto' kind='' ;;
    'mount --backend') words='fuse erofs auto' kind='' ;;
    'mount -w') words='' kind='directories' ;;
    'mount --writable') words='' kind='directories' ;;
    'mount -o') words='' kind='' ;;
    'mount --options') words='' kind='' ;;
    'mount --regions') words='' kind='directories' ;;
    'mount --platform') words='' kind='' ;;
    'mount --cache') words='' kind='directories' ;;
    'mount --cache-size') words='' kind='' ;;
    'mount --creds') words='' kind='' ;;
    'mount --tls-verify') words='true false' kind='' ;;
    'mount --ca-file') words='' kind='files' ;;
    'mount --retries') words='' kind='' ;;
    'mount --stall-timeout') words='' kind='' ;;
    'umount -c') words='' kind='' ;;
    'umount --container') words='' kind='' ;;
    'hive ls --in') words='' kind='images' ;;
    'hive ls --regions') words='' kind='directories' ;;
    'hive ls --log') words='' kind='files' ;;
    'hive get --in') words='' kind='images' ;;
    'hive get --regions') words='' kind='directories' ;;
    'hive get --log') words='' kind='files' ;;
    'hive find --in') words='' kind='images' ;;
    'hive find --regions') words='' kind='directories' ;;
    'hive find --log') words='' kind='files' ;;
    'hive dump --root') words='' kind='' ;;
    'hive dump --in') words='' kind='images' ;;
    'hive dump --regions') words='' kind='directories' ;;
    'hive dump --log') words='' kind='files' ;;
    'hive diff --ignore') words='name class security time flags layer values type data' kind='' ;;
    'hive diff --in') words='' kind='images' ;;
    'hive diff --regions') words='' kind='directories' ;;
    'hive diff --before-log') words='' kind='files' ;;
    'hive diff --after-log') words='' kind='files' ;;
    'hive check --in') words='' kind='images' ;;
    'hive check --regions') words='' kind='directories' ;;
    'help --completion') words='bash zsh fish' kind='' ;;
  esac
  COMPREPLY=()
  if [[ $current == -* ]]; then
    kind=''
  elif [[ $kind ]]; then
    words=''
    compopt -o filenames 2> /dev/null
  fi
  case $kind in
    files) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    directories) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    images)
      mapfile -t COMPREPLY < <(compgen -d -- "$current"; compgen -f -X '!*.cim' -- "$current")
      ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current") ;;
  esac
}

complete -F _cim cim
