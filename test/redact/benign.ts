/** Command lines from the life of Linux hosts that look as if they held a secret and hold none. */
export const benign: readonly string[] = `
mysql --password-file=/etc/mysql/pw shop
mysql -p shop
mysql -u root -p -h db shop
mysql -P 3306 -h db
mysqldump --defaults-extra-file=/etc/my.cnf shop
mysqladmin -u root -p status
passwd root
passwd -l bob
passwd --status bob
passwd -S root
getent passwd root
getent shadow
cat /etc/passwd
grep root /etc/passwd
awk -F: '{print $1}' /etc/passwd
cut -d: -f1 /etc/passwd
stat -c %U /etc/shadow
vipw
pwck -r
chage -l bob
pwd
pwd -P
PWD=/x
env PWD=/srv OLDPWD=/ HOME=/root ./run
ssh -p 22 bob@h
ssh -i /home/bob/.ssh/id_ed25519 -p 2222 bob@h uptime
ssh -o PasswordAuthentication=no -o PreferredAuthentications=publickey bob@h
ssh -o NumberOfPasswordPrompts=1 h
ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null h true
ssh-keygen -t ed25519 -f /root/.ssh/id -C bob@h
ssh-keygen -lf /etc/ssh/ssh_host_rsa_key.pub
ssh-keygen -p -f /root/.ssh/id
ssh-add /root/.ssh/id
ssh-copy-id -p 2222 bob@h
scp -P 2222 f bob@h:/tmp/
sftp -P 22 bob@h
rsync -avp --password-file=/etc/rsync.pw bob@h::m d
rsync -e 'ssh -p 2222' -a d bob@h:/d
mkdir -p dir
mkdir -p /var/lib/app/secrets
cp -p a b
cp -a /etc/passwd /root/passwd.bak
tar -p -xf a.tar
tar -xzpf a.tgz -C /
tar --exclude=secrets -czf a.tgz d
install -m 0600 token /etc/app/token
chmod 600 /etc/app/secret.key
chown root:root /etc/app/token
rm -f /tmp/token
touch secret
ls -la /etc/ssl/private
ls /run/secrets
find / -name '*password*' -type f
find /etc -name secret.yml -newer /etc/passwd
grep -ri password /etc
grep -r 'api_key' src
grep 'password=' /etc/app.conf
grep -E 'token|secret' f
sed -n '/password/p' f
vim /etc/app/password.conf
less secrets.txt
man passwd
man 5 shadow
apropos password
which passwd
apt-get install -y passwd libpam-modules
apt install keepassxc pass
apt-key list
apt-key adv --keyserver h --recv-keys 0xABCDEF0123456789
dpkg -l passwd
dpkg --configure -a
systemctl status token.service
systemctl restart secret-agent
systemctl show -p MainPID ssh
systemd-ask-password --no-tty
systemd-tty-ask-password-agent --watch
journalctl -u vault-token-renewer --since today
useradd -m -s /bin/bash bob
useradd -r -d /var/lib/app -s /usr/sbin/nologin app
usermod -aG docker bob
adduser --system --disabled-password app
adduser --disabled-password --gecos '' bob
groupadd -g 999 app
id -u bob
su - bob
sudo -u bob -i
sudo -l
sudo -p 'Password: ' ls
sudo -k
docker run -p 80:80 -u 1000:1000 nginx
docker run -p 127.0.0.1:5432:5432 -v d:/d postgres
docker build --secret id=npmrc,src=/root/.npmrc .
docker service create --secret db_password app
docker login -u bob --password-stdin registry.h
docker secret ls
docker ps -a --format '{{.Names}}'
docker exec -it c bash
podman secret create s f
kubectl get secret db -o yaml
kubectl get secrets -A
kubectl describe secret db-password
kubectl delete secret token
kubectl create secret generic s --from-file=key=/etc/key
kubectl --kubeconfig /root/.kube/config get pods
kubectl create token bob
kubectl auth can-i get pods
helm install r c --set image.tag=1.2,replicas=3
helm upgrade r c -f values-secret.yaml
aws s3 cp f s3://bucket/token
aws secretsmanager get-secret-value --secret-id prod/db
aws sts get-session-token --duration-seconds 3600
aws configure get aws_access_key_id
az account get-access-token --resource https://h
gcloud auth print-access-token
gcloud auth login --no-launch-browser
gh auth status
gh auth login --with-token
gh secret list
vault status
vault token lookup
vault read secret/app
vault login -method=oidc
git clone https://github.com/a/b.git
git clone git@github.com:a/b.git
git clone ssh://git@h:22/a.git
git remote -v
git commit -m 'password prompt fixed'
git commit -m 'add --password option to the client'
git log --author=bob --grep=token
git config credential.helper store
git config --global user.email bob@h
git checkout -b token-refresh
git push -u origin main
git credential-cache exit
curl https://h/
curl -sSL -o f https://h/a/b?x=1&y=2
curl -u bob https://h/
curl -X POST -d name=bob https://h/
curl -H 'Accept: application/json' https://h/
curl -H 'Content-Type: application/json' -d '{"name":"bob","age":3}' https://h/
curl --cacert /etc/ca.pem --cert /etc/c.pem --key /etc/k.pem https://h/
curl -b cookies.txt -c cookies.txt https://h/
curl --netrc-file /root/.netrc https://h/
curl http://127.0.0.1:8080/path@v1/x
curl -F file=@token.txt https://h/
wget -q --no-check-certificate https://h/f
wget -p -k https://h/
wget --ask-password --user=bob https://h/f
http GET h/api page==2
openssl rand -hex 32
openssl x509 -in c.pem -noout -text
openssl req -new -key k.pem -passin file:/etc/pw -out c.csr
openssl rsa -in k.pem -passin env:KEYPASS
openssl s_client -connect h:443 -servername h
openssl genrsa -out k.pem 4096
openssl passwd -6 -in /root/pw
openssl enc -d -aes-256-cbc -kfile /etc/k -in f
gpg --list-secret-keys
gpg --export-secret-keys -a KEYID
gpg --batch --passphrase-file /etc/pw -c f
gpg --pinentry-mode loopback --passphrase-fd 0 -d f
gpgconf --kill gpg-agent
ldapsearch -x -b dc=x -s base
ldapsearch -D cn=admin -y /etc/ldap.secret -b dc=x
ldapsearch -x -W -D cn=admin -b dc=x
smbclient -L h -N
smbclient //h/s -A /etc/cred
mount -t cifs //h/s /mnt -o credentials=/etc/cred,vers=3.0
mount -o remount,rw /
openvpn --config c.ovpn --auth-user-pass /etc/openvpn/cred
openvpn --auth SHA256 --cipher AES-256-GCM
Xorg :0 -auth /run/lightdm/root/:0 -nolisten tcp vt7
/usr/lib/gdm3/gdm-x-session --auth-file=/run/user/0/a
ffmpeg -y -i a.mp4 -pass 1 -passlogfile l -f null /dev/null
ansible-playbook -K p.yml --ask-vault-pass
ansible-playbook p.yml --vault-password-file /etc/vault.pw
ansible-vault encrypt --vault-id dev@prompt f
terraform apply -var-file=secret.tfvars
chromium --password-store=basic --no-first-run
google-chrome --type=renderer --enable-features=PasswordImport
java -Xmx1g -Djava.security.auth.login.config=/etc/jaas.conf -jar a.jar
keytool -list -keystore /etc/k.jks
psql -h h -U bob -d shop -w
psql -W -U bob
pg_dump -Fc -f d.dump shop
pg_basebackup -h h -D d -P -R
redis-cli -h h -p 6379 ping
redis-cli --askpass
redis-server --requirepass-file /etc/pw
mongod --auth --keyFile /etc/mongo.key
zip -r a.zip d
unzip -p a.zip f
7z x a.7z -oout
rar x a.rar
htpasswd -c /etc/htpasswd bob
kinit -kt /etc/krb5.keytab host/h
klist -e
cryptsetup luksOpen /dev/sda1 root --key-file /etc/key
nmcli dev wifi list
nmcli con up HomeNet
wpa_supplicant -B -i wlan0 -c /etc/wpa.conf
iwconfig wlan0
rclone config show
rclone copy a r:b --config /root/rclone.conf
restic -r r --password-file /etc/restic.pw backup d
borg create --encryption=repokey r::a d
npm install --save-dev jsonwebtoken
npm token list
npm run test:auth
pip install python-token oauthlib
yarn add passport
sort -k 2 -t : f
sort --key=2 f
ps -p 1 -o pid=
lsof -p 123
kill -9 123
nc -z -w 3 h 22
ping -c 1 -w 2 h
screen -S token
tmux new -s secret
sshd -D -p 22
nginx -t -p /etc/nginx
app --token-ttl 5
app --token-ttl=5
app --max-tokens 100
app --password-min-length 12
app --secret-file /etc/app/secret
app --credentials ~/.config/cred.json
app --private-key /etc/ssl/k.pem
app --auth none --port 80
app --auth-mode=basic
app --no-password
app --use-token --verbose
app --authors bob
app --api-key-file=/etc/key
app --cookie-jar f
app --session-timeout 30
MYSQL_ALLOW_EMPTY_PASSWORD=yes
PASSWORD_FILE=/run/secrets/pw
SSH_AUTH_SOCK=/run/user/0/agent
SSH_ASKPASS=/usr/bin/ssh-askpass
TOKEN_PATH=/etc/token
XAUTHORITY=/root/.Xauthority
sh -c 'mysql -p"$DB_PASS" shop'
sh -c 'curl -H "Authorization: Bearer $TOKEN" https://h'
sh -c 'export PASSWORD=$(cat /run/secrets/pw); run'
bash -c 'read -s -p "Password: " pw'
sh -c 'test -f /etc/passwd && echo ok'
bash -c 'cat token | docker login -u bob --password-stdin'
/bin/sh -c 'run-parts --report /etc/cron.hourly'
update-passwd --verbose
pam-auth-update --package
authselect current
pam_tally2 --user bob
faillock --user bob
nginx: worker process
sshd: bob@pts/0
`
  .split("\n")
  .filter((line) => line !== "");
