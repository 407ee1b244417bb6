/** What kind of secret a command line has room for. */
export type Room =
  /** All of an argument's rest: any bytes but NUL. */
  | "any"
  /** Within an address, a list or a shell's text: no delimiter. */
  | "word"
  /** Base64 of an account and a secret. */
  | "basic";

/** Command lines; `§` is where the secret stands. Words are parted by spaces, quotes hold one together. */
export const templates: Readonly<Record<Room, string>> = {
  any: `
mysql -u root -p§
mysqldump --user=app --password=§ shop
/usr/bin/mysqladmin -uroot -p§ status
mysqladmin -u root password §
mariadb -h db -p§ -e 'select 1'
mongosh --host h -u admin -p § admin
mongodump --uri=h --password § --gzip
redis-cli -h cache -a § PING
redis-cli CONFIG SET requirepass §
redis-cli --pass § INFO
sqlcmd -S h -U sa -P § -Q 'select 1'
bcp db.t out f -U sa -P§
cqlsh h -u cassandra -p §
clickhouse-client --host h --password §
influx auth list --token §
curl -u bob:§ https://h/
curl --user bob:§ https://h/
curl -sSLu bob:§ https://h/
curl -ubob:§ https://h/
curl -x p:3128 -U px:§ https://h/
curl --proxy-user px:§ https://h/
curl --oauth2-bearer § https://h/
curl -H 'Authorization: Bearer §' https://h/
curl -H 'Authorization: token §' https://h/
curl -H 'X-Api-Key: §' https://h/
curl --header 'PRIVATE-TOKEN: §' https://h/
curl -H 'X-Vault-Token:§' http://h/
curl -H 'Cookie: session=§' https://h/
curl -b 'auth_token=§' https://h/
wget --user=bob --password=§ https://h/f
wget --http-password=§ https://h/f
wget --ftp-password § ftp://h/f
wget --header='Authorization: Bearer §' https://h/f
http -a bob:§ GET h/api
http h/api X-API-Key:§
http POST h/login user=bob password=§
aria2c --http-passwd=§ https://h/f
lftp -u bob,§ sftp://h
ncftpput -u bob -p § h / f
ldapsearch -x -D cn=admin -w § -b dc=x
ldapsearch -xw § -b dc=x
ldapmodify -D cn=admin -w§ -f f.ldif
ldappasswd -s § uid=bob
slappasswd -s §
kadmin -p admin -w § -q listprincs
kadmin.local -q 'addprinc -pw § bob'
smbclient //h/share -U bob%§
rpcclient -U dom/bob%§ h
net ads join -U admin%§
net user bob § /add
samba-tool user create bob §
samba-tool user setpassword bob --newpassword=§
crackmapexec smb h -u bob -p §
evil-winrm -i h -u bob -p §
xfreerdp /v:h /u:bob /p:§
rdesktop -u bob -p § h
sshpass -p § ssh bob@h
sshpass -p§ scp f bob@h:/f
useradd -m -p § bob
usermod -p § bob
usermod --password § bob
htpasswd -b /etc/htpasswd bob §
htpasswd -nb bob §
htpasswd -bBc f bob §
mosquitto_passwd -b f bob §
mkpasswd -m sha-512 §
wpa_passphrase HomeNet §
openssl enc -aes-256-cbc -in f -out g -k §
openssl enc -aes-256-cbc -pass pass:§ -in f
openssl pkcs12 -export -passout pass:§ -in c.pem
openssl rsa -in k.pem -passin pass:§
openssl passwd -6 §
ssh-keygen -t ed25519 -N § -f k
ssh-keygen -p -P § -N '' -f k
zip -P § -r a.zip d
zip -r -P§ a.zip d
unzip -P § a.zip
7z a -p§ a.7z d
7za x -p§ a.7z
unrar x -p§ a.rar
rar a -hp§ a.rar d
qpdf --password=§ --decrypt a.pdf b.pdf
gpg --batch --passphrase § -c f
vault login §
vault operator unseal §
vault kv put -address=h secret/app password=§
vault write auth/userpass/login/bob password=§
bw unlock §
docker login -u bob -p § registry.h
docker login --username bob --password=§
podman login -p § h
helm registry login h -u bob -p §
helm repo add r https://h --password §
az login -u bob -p §
az login --service-principal -u id --password § --tenant t
aws configure set aws_secret_access_key §
aws rds create-db-instance --master-user-password §
gcloud sql users set-password root --password=§
kubectl --token=§ get pods
kubectl config set-credentials bob --token §
kubectl create secret generic s --from-literal=key=§
kubectl create secret docker-registry r --docker-password=§
oc login -u bob -p §
skopeo copy --src-creds bob:§ docker://h/a dir:a
skopeo inspect --creds=bob:§ docker://h/a
npm config set //r.h/:_authToken §
npm publish --//r.h/:_authToken=§
yarn config set npmAuthToken §
pip download --trusted-host h --token=§ p
twine upload -u __token__ -p x --password § d
cargo publish --token §
gh secret set X --body-token §
terraform apply -var db_password=§
terraform plan -var=api_token=§
ansible-playbook p.yml -e ansible_password=§
ansible all -m ping --extra-vars ansible_become_pass=§
helm install r c --set auth.password=§
java -Djavax.net.ssl.keyStorePassword=§ -jar a.jar
java -jar a.jar --spring.datasource.password=§
keytool -list -keystore k.jks -storepass §
jarsigner -storepass § -keypass x a.jar alias
keytool -genkey -keypass § -alias a
mosquitto_pub -h h -u bob -P § -t t -m m
rabbitmqctl add_user bob §
rabbitmqctl change_password bob §
ipmitool -I lanplus -H h -U admin -P § power on
snmpwalk -v3 -u bob -A § -l authNoPriv h
snmpget -v2c -c § h 1.3
swaks --to a@h --auth-user bob --auth-password §
swaks --to a@h -ap §
sendemail -f a@h -xu bob -xp §
nmcli dev wifi connect HomeNet password §
nmcli con modify HomeNet wifi-sec.psk §
rclone config create r s3 secret_access_key §
rclone lsf :sftp: --sftp-pass §
mc alias set m https://h ACCESS §
s3cmd --secret_key=§ ls
doctl -t § compute droplet list
restic -r r --password=§ snapshots
mount -t cifs //h/s /mnt -o username=bob,password=§
mount.cifs //h/s /mnt -o pass=§
env PGPASSWORD=§ psql -h h
env -i DB_PASS=§ ./run
docker run -e MYSQL_ROOT_PASSWORD=§ mysql
docker run --env API_TOKEN=§ app
docker exec -it c mysql -uroot -p§
sudo -u postgres env PGPASSWORD=§ pg_dump
systemd-run --setenv=SECRET_KEY=§ ./run
sudo mysql -p§
sudo -E curl -u bob:§ https://h
nohup mysqldump -p§ shop
timeout 30 redis-cli -a § ping
xargs -n1 sshpass -p § ssh
ssh root@h mysql -p§
kubectl exec pod -- mysql -p§
./app --db-password=§
./app --db-password §
./app -password §
./app --api-key=§ --verbose
./app --apiKey §
./app --access-token §
./app --client-secret=§
./app --secret § run
./app --passphrase=§
./app --encryption-key §
./app --signing-key=§
./app --license-key §
./app --auth-token §
./app --admin-pass §
./app --jwt-secret=§
./app --totp §
./app --session-token §
./app --private-key §
./app --bearer §
python3 m.py --aws-secret-access-key §
python3 -m app --smtp-password=§
node server.js --DB_PASSWORD=§
x11vnc -display :0 -passwd §
certutil -K -d d -W §
PASSWORD=§
export GITHUB_TOKEN=§
VAR_PWD=§ run
printenv-like CLIENT_SECRET=§
nxc smb h -u bob -p §
ccrypt -K § f
steghide extract -sf a.jpg -p §
etcdctl --user root:§ get k
composer config http-basic.h bob --password §
`,
  word: `
psql postgresql://bob:§@h:5432/shop
mongosh mongodb://admin:§@h1,h2/db?replicaSet=r
redis-cli -u redis://:§@h:6379/0
git clone https://bob:§@h/r.git
git remote add o https://oauth2:§@h/r.git
pip install --index-url https://bob:§@h/simple p
curl ftp://bob:§@h/f
curl https://h/api?token=§
curl 'https://h/api?user=a&api_key=§&x=1'
curl 'https://h/f?X-Amz-Signature=§&X-Amz-Date=1'
curl 'https://h/blob?sv=2020&sig=§'
wget 'https://h/f?access_token=§'
curl -d 'grant_type=password&username=bob&password=§' https://h
curl -d '{"username":"bob","password":"§"}' https://h
curl --data '{"api_key": "§", "n": 1}' https://h
curl --data-raw '{"auth":{"clientSecret":"§"}}' https://h
rsync -a rsync://bob:§@h/m d
ffmpeg -i rtsp://admin:§@cam/1 o.mp4
http_proxy=http://bob:§@proxy:3128 wget f
env https_proxy=http://bob:§@proxy:3128 apt update
celery -A app -b amqp://bob:§@h//
sqlplus bob/§@orcl
psexec.py dom/bob:§@h
impacket-secretsdump dom/bob:§@10.0.0.1
sh -c 'mysql -p§ shop < d.sql'
sh -c 'PGPASSWORD=§ psql -h h'
bash -c 'export TOKEN=§; run'
bash -c "curl -u bob:'§' https://h | jq ."
bash -lc 'echo § | sudo -S apt update'
sh -c 'echo bob:§ | chpasswd'
bash -c 'echo "§" | docker login -u bob --password-stdin'
bash -c 'printf "%s" § | passwd --stdin bob'
bash -c 'sudo -S id <<< §'
sh -c "echo '§' | kinit bob@R"
bash -c 'bash -c "mysql -p§"'
ssh h 'sshpass -p § ssh g'
su - bob -c 'curl -H "Authorization: Bearer §" https://h'
watch -n1 'redis-cli -a § info'
sudo bash -c 'useradd -p § bob'
docker exec c sh -c 'mysqldump -p§ db > f'
kubectl exec p -- bash -c 'psql postgres://u:§@h/d'
script -c 'zip -P § a.zip d' log
python3 -c 'password = "§"; main(password)'
python3 -c "connect(host='h', passwd='§')"
php -r '$token="§";run($token);'
perl -e 'my $secret = "§"; run()'
psql 'host=h password=§ user=bob'
sqlcmd -C 'Server=h;User Id=sa;Password=§;Encrypt=no'
app --conn 'AccountName=a;AccountKey=§;EndpointSuffix=x'
java -jar a.jar 'jdbc:sqlserver://h;user=sa;password=§;db=x'
java -jar a.jar 'jdbc:mysql://h/db?user=a&password=§'
mount -o username=bob,password=§,vers=3.0 //h/s /mnt
helm install r c --set 'a=1,db.password=§,b=2'
git -c http.extraHeader='Authorization: Bearer §' fetch
logger 'Authorization: Bearer §'
tool --config 'token: "§"'
tool --json '{"token":"§"}'
`,
  basic: `
curl -H 'Authorization: Basic §' https://h
git -c 'http.extraheader=AUTHORIZATION: basic §' fetch
wget --header 'Proxy-Authorization: Basic §' https://h
http h 'Authorization:Basic §'
tool --auth-header 'Basic §'
`,
};
